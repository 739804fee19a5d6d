"""Clusters that are started, and those that do not let this program in; nobody but their own machines is asked."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from podoba.scale.ray_cluster import ClusterSettings, connect
from tests.scale.servers.ray_cluster import ROOT, Cluster, own_address

SHIM = r"""
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
int connect(int socket, const struct sockaddr *address, socklen_t length) {
    int (*real)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "connect");
    char text[INET6_ADDRSTRLEN] = "";
    int kind = 0;
    socklen_t size = sizeof kind;
    getsockopt(socket, SOL_SOCKET, SO_TYPE, &kind, &size);
    if (address->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)address)->sin_addr, text, sizeof text);
    else if (address->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)address)->sin6_addr, text, sizeof text);
    if (*text && kind == SOCK_STREAM) {
        int log = open(getenv("CALLS"), O_WRONLY | O_APPEND | O_CREAT, 0600);
        dprintf(log, "%s\n", text);
        close(log);
    }
    return real(socket, address, length);
}
"""  # what libraries in C do, an audit of Python does not see; connecting a datagram socket sends nothing

WORK = """
import sys
from podoba.scale.ray_executor import open_executor
from tests.scale import work
if __name__ == "__main__":
    executor = open_executor("ray")
    assert [one.result for one in executor.run(work.double, [1, 2])] in ([2, 4], [4, 2])
"""


def run(code: str, environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)


def test_nothing_is_loaded_before_the_head_answers() -> None:
    code = """
import sys
from podoba.scale.ray_cluster import ClusterError, connect
try:
    connect("127.0.0.1:1")
except ClusterError as error:
    print(error)
print("ray" in sys.modules)
"""
    done = run(code, dict(os.environ))
    assert done.stdout.splitlines() == [
        "127.0.0.1:1: no cluster can be reached there (Connection refused): start its head, or mend the address",
        "False",
    ]


@pytest.mark.scale
def test_a_cluster_of_its_own_asks_nobody_else_and_leaves_nothing_in_the_home_folder(tmp_path: Path) -> None:
    compiler = shutil.which("cc")
    if sys.platform != "linux" or compiler is None:
        pytest.skip("needs a compiler of C on Linux")
    (tmp_path / "shim.c").write_text(SHIM)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", tmp_path / "shim.so", tmp_path / "shim.c", "-ldl"], check=True)
    (tmp_path / "home").mkdir()
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(tmp_path / "home"), "LC_ALL": "C.UTF-8", "RAY_ADDRESS": "local",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
        "LD_PRELOAD": str(tmp_path / "shim.so"), "CALLS": str(tmp_path / "calls"),
    }  # fmt: skip
    done = run(WORK, environment)
    assert done.returncode == 0, done.stderr
    calls = set((tmp_path / "calls").read_text().split())
    assert calls != set()
    assert calls <= {"127.0.0.1", "::1", "::ffff:127.0.0.1", own_address(), f"::ffff:{own_address()}"}
    assert [path for path in (tmp_path / "home").rglob("*") if path.is_file()] == []


@pytest.mark.scale
def test_another_token_is_one_line(ray_cluster: Cluster) -> None:
    code = """
import sys
from podoba.scale.ray_cluster import ClusterError, connect
try:
    connect(sys.argv[1])
except ClusterError as error:
    print(error)
"""
    hasty = {**ray_cluster.environment, "RAY_NUM_REDIS_GET_RETRIES": "2"}
    wrong = run(code, {**hasty, "RAY_AUTH_TOKEN": "0" * 32}, ray_cluster.address)
    where = f"{ray_cluster.address}: "
    assert wrong.stdout.startswith(where + "does not know the token used here: copy ~/.ray/auth_token from its head")
    assert (wrong.stdout.count("\n"), wrong.stderr) == (1, "")
    del hasty["RAY_AUTH_TOKEN"]
    none = run(code, {**hasty, "HOME": "/nonexistent"}, ray_cluster.address)
    assert none.stdout.startswith(where + "asks for a token, and there is none here: copy ~/.ray/auth_token from its head")


@pytest.mark.scale
def test_connected_once_is_connected(ray_cluster: Cluster) -> None:
    connect(ray_cluster.address, ClusterSettings(connect_seconds=5))
