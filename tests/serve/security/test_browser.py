"""What a browser lets happen: scripts in names and reports, pages of other origins, and what a page itself may do."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from podoba.serve.routes.pages import PAGES

pytestmark = pytest.mark.slow
SHOWING = ("search", "compare", "map", "duplicates")  # the pages with most names, which are visited every day

INSTALLED = """() => {
  const turned = [];  // texts that turn what stands around them; a text of SVG stands alone
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const around = walk.currentNode.parentElement;
    if (around.closest("bdi, script, text")) continue;
    let depth = 0;  // of isolates of the text itself
    for (const letter of walk.currentNode.data.match(/[\\u202a-\\u202e\\u2066-\\u2069]/g) ?? []) {
      if (letter >= "\\u2066" && letter <= "\\u2068") depth += 1;
      else if (letter === "\\u2069" && depth) depth -= 1;
      else if (!depth) turned.push(`${around.localName}.${around.className}: ${walk.currentNode.data}`);
    }
    if (depth) turned.push(walk.currentNode.data);
  }
  return {
    marks: document.querySelectorAll("[onerror], [onload], [onclick], img[src='x'], iframe, object, embed, base").length,
    scripts: [...document.scripts].filter((one) => one.type !== "application/json" && !one.src.includes("/static/")).length,
    pwned: "pwned" in window,
    turned,
  };
}"""

PROBES = """async () => {
  const later = (act) => new Promise((done) => setTimeout(() => { try { act(); done(true); } catch { done(false); } }));
  const blocked = (act) => new Promise((done) => {
    const timer = setTimeout(() => done(false), 1500);
    document.addEventListener("securitypolicyviolation", () => { clearTimeout(timer); done(true); }, { once: true });
    try { act(); } catch { clearTimeout(timer); done(true); }
  });
  const add = (name, values) => {
    const made = Object.assign(document.createElement(name), values);
    document.body.append(made);
    return made;
  };
  const elsewhere = "http://127.0.0.1:9/";
  return {
    "innerHTML": !(await later(() => { document.createElement("p").innerHTML = "<b>x</b>"; })),
    "insertAdjacentHTML": !(await later(() => document.body.insertAdjacentHTML("beforeend", "<i></i>"))),
    "document.write": !(await later(() => document.write("x"))),
    "eval in a timer": !(await later(() => eval("1"))),
    "new Function": !(await later(() => new Function("return 1")())),
    "timer of text": await blocked(() => setTimeout("window.pwned = 1")),
    "inline script": await blocked(() => { add("script", { text: "window.pwned = 1" }); }),
    "inline handler": await blocked(() => { add("b", {}).setAttribute("onclick", "window.pwned = 1"); }),
    "script of data": await blocked(() => { add("script", { src: "data:text/javascript,window.pwned=1" }); }),
    "script elsewhere": await blocked(() => { add("script", { src: elsewhere }); }),
    "import of data": !(await import("data:text/javascript,export default 1").then(() => true, () => false)),
    "javascript: address": await blocked(() => { add("a", { href: "javascript:window.pwned=1" }).click(); }),
    "frame elsewhere": await blocked(() => { add("iframe", { src: elsewhere }); }),
    "frame of text": await blocked(() => { add("iframe", { srcdoc: "<script>parent.pwned = 1</" + "script>" }); }),
    "object": await blocked(() => { add("object", { data: "/static/icon.svg" }); }),
    "picture elsewhere": await blocked(() => { add("img", { src: elsewhere + "x.png" }); }),
    "request elsewhere": await blocked(() => { fetch(elsewhere).catch(() => {}); }),
    "socket elsewhere": await blocked(() => { new WebSocket("ws://127.0.0.1:9/"); }),
    "beacon elsewhere": await blocked(() => { navigator.sendBeacon(elsewhere, "x"); }),
    "worker": await blocked(() => { new Worker("/static/core/dom.js"); }),
    "style element": await blocked(() => { add("style", { textContent: "body { color: red }" }); }),
    "style attribute": await blocked(() => { add("p", {}).setAttribute("style", "color: red"); }),
    "style elsewhere": await blocked(() => { add("link", { rel: "stylesheet", href: elsewhere }); }),
    "form": await blocked(() => { add("form", { action: elsewhere, method: "post" }).submit(); }),
    "base": await blocked(() => { add("base", { href: elsewhere }); }),
    "policy of its own": !(await later(() => trustedTypes.createPolicy("mine", { createHTML: (text) => text }))),
  };
}"""

REPORT = """<!doctype html><title>report</title><p id="told">nothing</p><script>
const told = {};
const tried = async (name, act) => { try { told[name] = String(await act()); } catch (error) { told[name] = "refused"; } };
(async () => {
  await tried("api", async () => (await fetch("/api/v1/collections", { credentials: "include" })).status);
  await tried("api of the server", async () => (await fetch("ADDRESS/api/v1/collections", { credentials: "include" })).status);
  await tried("blind request", async () => { await fetch("ADDRESS/api/v1/session", { mode: "no-cors", method: "DELETE" }); return "sent"; });
  await tried("cookies", () => document.cookie);
  await tried("storage", () => localStorage.length);
  await tried("parent", () => (parent === window ? "refused" : parent.document.title));
  await tried("picture elsewhere", () => new Promise((done, fail) => { const i = new Image(); i.onload = done; i.onerror = fail; i.src = "ADDRESS/static/icon.svg"; }));
  await tried("frame", () => new Promise((done, fail) => { addEventListener("securitypolicyviolation", fail); const f = document.createElement("iframe"); f.onload = () => done("loaded"); f.src = "ADDRESS/"; document.body.append(f); }));
  told.origin = String(self.origin);
  document.getElementById("told").textContent = JSON.stringify(told);
})();
</script>"""  # noqa: E501


@pytest.fixture
def context(browser: Any) -> Iterator[Any]:
    """A browser's session of its own."""
    made = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    made.set_default_timeout(30_000)
    yield made
    made.close()


@pytest.fixture
def elsewhere() -> Iterator[Callable[[str], str]]:
    """Serves a page from another port of this host: the same site, but another origin. Gives its address."""
    pages: list[str] = []

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(pages[-1].encode())

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()

        def put(page: str) -> str:
            pages.append(page)
            return f"http://127.0.0.1:{server.server_port}/"

        yield put
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.thorough] * (name not in SHOWING)) for name in PAGES])
def test_names_are_text_on_every_page(attacked: Any, context: Any, name: str, hostile_names: tuple[str, ...]) -> None:
    with attacked.client() as client:
        items = client.get("/api/v1/collections/hostile/items?k=50").json()["items"]
    assert {item["label"].strip() for item in items} == {one.strip() for one in map(composed, hostile_names)}
    turned = next(item["id"] for item in items if "\u202e" in item["label"])
    other = next(item["id"] for item in items if "<img" in item["label"])
    query = {"search": f"?q=id:{turned}&k=60", "compare": f"?left={turned}&right={other}", "two_models": "?a=hostile&b=shapes"}
    page = context.new_page()
    faults: list[str] = []
    page.on("dialog", lambda dialog: faults.append(f"dialog: {dialog.message}"))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if "Content Security" in said.text else None)
    page.on(
        "request", lambda asked: None if asked.url.startswith((attacked.address, "data:", "blob:")) else faults.append(asked.url)
    )
    path = PAGES[name].path.replace("{name}", "none" if name == "study" else "hostile")
    page.goto(f"{attacked.address}{path}{query.get(name, '')}#token={attacked.token}")
    page.wait_for_load_state("networkidle")
    for _ in range(6):
        page.mouse.wheel(0, 600)
        page.wait_for_timeout(100)
    page.wait_for_load_state("networkidle")
    found = page.evaluate(INSTALLED)
    assert found == {"marks": 0, "scripts": 0, "pwned": False, "turned": []}
    assert faults == []


def composed(text: str) -> str:
    import unicodedata

    return unicodedata.normalize("NFC", text)


def test_the_names_do_reach_the_page(attacked: Any, context: Any) -> None:
    page = context.new_page()
    page.goto(f"{attacked.address}/compare?a=hostile&b=shapes#token={attacked.token}")
    for _ in range(100):  # the page's policy allows Playwright no waiting of its own
        if "gpj.exe" in page.evaluate("document.body.textContent"):
            return
        page.wait_for_timeout(100)
    pytest.fail("none of the names is there: the tests above have looked at nothing")


def test_a_page_cannot_do_what_an_attacker_would(attacked: Any, context: Any, elsewhere: Callable[[str], str]) -> None:
    page = context.new_page()
    page.goto(f"{attacked.address}/help")
    page.wait_for_load_state("networkidle")
    outcome = page.evaluate(PROBES)
    assert [name for name, stopped in outcome.items() if not stopped] == []
    assert len(outcome) == 26
    page.wait_for_timeout(200)
    assert not page.evaluate("'pwned' in window")
    unguarded = context.new_page()
    unguarded.goto(elsewhere("<!doctype html><body></body>"))
    left_out = ("document.write", "javascript: address", "form", "base")  # which would leave the page, or change the others
    lines = [line for line in PROBES.splitlines() if not line.strip().startswith(tuple(f'"{name}"' for name in left_out))]
    assert not any(unguarded.evaluate("\n".join(lines)).values())


def test_pages_are_shown_in_no_frame(attacked: Any, context: Any, elsewhere: Callable[[str], str]) -> None:
    page = context.new_page()
    page.goto(elsewhere(f'<iframe src="{attacked.address}/"></iframe>'))
    page.wait_for_load_state("networkidle")
    assert page.frames[1].url.startswith("chrome-error:")


def test_another_port_of_this_host_reaches_nothing(attacked: Any, context: Any, elsewhere: Callable[[str], str]) -> None:
    signed_in = context.new_page()
    signed_in.goto(f"{attacked.address}/#token={attacked.token}")
    signed_in.wait_for_load_state("networkidle")
    assert signed_in.evaluate("fetch('/api/v1/session').then((answer) => answer.status)") == 200
    page = context.new_page()
    page.goto(elsewhere("<!doctype html><body></body>"))
    seen: list[int] = []
    page.on("response", lambda answer: seen.append(answer.status) if answer.url.startswith(attacked.address) else None)
    outcome = page.evaluate(
        """async (address) => {
          const tried = async (act) => { try { return await act(); } catch { return "refused"; } };
          const get = (path, options) => fetch(address + path, { credentials: "include", ...options });
          return {
            read: await tried(async () => (await get("/api/v1/collections")).status),
            blind: await tried(async () => (await get("/api/v1/session", { method: "POST", mode: "no-cors" })).type),
            remove: await tried(async () => (await get("/api/v1/session", { method: "DELETE" })).status),
            picture: await tried(() => new Promise((done, fail) => {
              Object.assign(new Image(), { onload: () => done("loaded"), onerror: fail, src: address + "/static/icon.svg" });
            })),
          };
        }""",
        attacked.address,
    )
    assert (
        outcome == {"read": "refused", "blind": "opaque", "remove": "refused", "picture": "refused"}
        or outcome["blind"] == "refused"
    )
    assert set(seen) <= {403}
    assert signed_in.evaluate("fetch('/api/v1/session').then((answer) => answer.status)") == 200


@pytest.mark.parametrize("framed", [False, True])
def test_a_report_runs_and_reaches_nothing(serve: Callable[..., Any], context: Any, tmp_path: Path, framed: bool) -> None:
    study = tmp_path / "paper"
    study.mkdir()
    (study / "plan.yaml").write_text("{}", encoding="utf-8")
    with serve([tmp_path / "none.podoba"], [study]) as site:
        (study / "report.html").write_text(REPORT.replace("ADDRESS", site.address), encoding="utf-8")
        page = context.new_page()
        page.goto(f"{site.address}/help#token={site.settings.token}")
        page.wait_for_load_state("networkidle")
        address = f"{site.address}/api/v1/studies/paper/report"
        if framed:
            page.evaluate(f"document.body.append(Object.assign(document.createElement('iframe'), {{ src: {address!r} }}))")
            page.wait_for_timeout(500)
            inside = next(frame for frame in page.frames if frame.url == address)
        else:
            page.goto(address)
            inside = page.main_frame
        inside.wait_for_function("document.getElementById('told').textContent !== 'nothing'")
        told = json.loads(inside.locator("#told").inner_text())
        assert told.pop("origin") == "null"
        assert set(told.values()) == {"refused"}
        assert len(told) == 8
        again = context.new_page()
        again.goto(f"{site.address}/help")
        assert again.evaluate("fetch('/api/v1/session').then((answer) => answer.status)") == 200  # the session was not ended
