"""The review of duplicates: groups, what is decided of them, lists, and files moved where that is allowed."""

from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from podoba.collection.duplicates.results import KINDS
from podoba.files import shown
from podoba.serve.problems import Problem
from podoba.serve.review.describe import describe, group_to_json
from podoba.serve.review.groups import ReviewedGroup
from podoba.serve.review.listing import as_csv, as_json
from podoba.serve.review.moving import moved_files, plan_of
from podoba.serve.review.review import Choice, Review, token_of
from podoba.serve.served import Served, of

router = APIRouter(prefix="/collections/{name}/duplicates", tags=["duplicates"])
Kind = Literal["identical", "same picture", "flipped or rotated", "cropped or edited", "near"]
Kinds = Annotated[list[Kind], Query(alias="kind", max_length=len(KINDS), description="None: all.")]
Across = Annotated[bool, Query(description="Without groups that lie inside one folder.")]
Id = Annotated[str, Field(max_length=200)]
JOBS = ("duplicates", "move-duplicates", "return-duplicates")
SAMPLE = 12  # groups that an overview shows


class Search(BaseModel):
    """What is looked for."""

    kinds: list[Kind] | None = Field(None, max_length=len(KINDS), description="None: all.")
    where: str | None = Field(None, max_length=10_000, examples=["width > 1000"])


class Wish(BaseModel):
    """What a person wants of a group."""

    group: Id
    keep: list[Id] = Field(min_length=1, max_length=10_000, description="Ids of what stays; all: these are no duplicates.")
    seen: int | None = Field(None, description="`decision` of the group when the person saw it.")


class Decisions(BaseModel):
    """What a person decided, all of it or nothing."""

    decisions: list[Wish] = Field(min_length=1, max_length=1000)


class SafeDecisions(BaseModel):
    """Groups of safe kinds, decided as suggested."""

    kinds: list[Kind] = Field(min_length=1, max_length=len(KINDS))
    across: bool = False
    seen: Id = Field(description="`token` of the overview.")


class Undo(BaseModel):
    """What is taken back."""

    batch: int | None = Field(None, description="None: the last one.")


class Agreement(BaseModel):
    """What a person agreed to be moved."""

    token: Id = Field(description="`token` of what would be moved.")


@router.get("")
def state(request: Request, name: str) -> dict[str, Any]:
    """What was found, how much of it is decided, the last decisions, and the jobs on it."""
    served = of(request)
    jobs = served.jobs.states()[2]["jobs"]
    active = [job for job in jobs if job["collection"] == name and job["kind"] in JOBS and job["state"] in ("waiting", "running")]
    return describe(_review(served, name).standing()) | {"jobs": active, "allow_changes": served.settings.allow_changes}


@router.post("/find", status_code=202)
def find(request: Request, name: str, body: Search) -> dict[str, Any]:
    """Find them; what was found before stands until this is done, and what was decided stands anyway."""
    served = of(request)
    collection = served.collection(name)
    if body.where is not None:
        collection.count(body.where)
    return _started(served, "duplicates", name, {"kinds": body.kinds or list(KINDS), "where": body.where})


@router.get("/groups")
def groups(
    request: Request,
    name: str,
    kinds: Kinds = [],  # noqa: B006
    state: Literal["open", "decided", "all"] = "all",
    across: Across = False,
    after: Annotated[str, Query(max_length=40, description="The key of a group: those after it.")] = "",
    k: Annotated[int, Query(ge=1, le=100)] = 20,
) -> dict[str, Any]:
    """Groups in the order in which they were found; `open` are also those that came back with a new member."""
    served = of(request)
    standing = _review(served, name).standing().groups
    start = next((place for place, group in enumerate(standing, 1) if group.key == after), 0)
    wanted = [group for group in standing[start:] if _suits(group, kinds, state, across)]
    shown_paths = served.settings.show_paths
    page = [group_to_json(group, show_paths=shown_paths) for group in wanted[:k]]
    return {"groups": page, "total": len(wanted), "next": page[-1]["group"] if len(wanted) > k else None}


@router.get("/groups/{key}")
def group(request: Request, name: str, key: str) -> dict[str, Any]:
    """One group."""
    served = of(request)
    found = next((one for one in _review(served, name).standing().groups if one.key == key), None)
    if found is None:
        raise Problem(404, "unknown_group", "there is no such group any more: load them again")
    return group_to_json(found, show_paths=served.settings.show_paths)


@router.post("/decisions")
def decide(request: Request, name: str, body: Decisions) -> dict[str, Any]:
    """Keep what was decided: 409 where a group changed, or somebody else decided it meanwhile."""
    review = _review(of(request), name)
    batch = review.decide([Choice(wish.group, wish.keep, wish.seen) for wish in body.decisions])
    return {"batch": batch} | describe(review.standing())


@router.get("/overview")
def overview(request: Request, name: str, kinds: Kinds, across: Across = False) -> dict[str, Any]:
    """What would be decided at once: open groups of safe kinds, as suggested."""
    served = of(request)
    found = _review(served, name).safe(kinds, across=across)
    going = [member.item for one in found for member in one.removed]
    step = max(1, len(found) // SAMPLE)
    sample = [group_to_json(one, show_paths=served.settings.show_paths) for one in found[::step][:SAMPLE]]
    return {
        "groups": len(found), "pictures": len(going), "bytes": sum(item.size for item in going), "sample": sample,
        "token": token_of(found),
    }  # fmt: skip


@router.post("/decisions/safe")
def decide_safe(request: Request, name: str, body: SafeDecisions) -> dict[str, Any]:
    """Decide all groups of an overview as suggested."""
    review = _review(of(request), name)
    batch = review.decide_safe(body.kinds, across=body.across, seen=body.seen)
    return {"batch": batch} | describe(review.standing())


@router.post("/undo")
def undo(request: Request, name: str, body: Undo) -> dict[str, Any]:
    """Take back a batch of decisions: what was decided before holds again."""
    review = _review(of(request), name)
    undone = review.undo(body.batch)
    return {"batch": undone.batch, "undone": undone.count, "group": undone.group} | describe(review.standing())


@router.get("/export", response_class=Response)
def export(
    request: Request,
    name: str,
    format: Literal["csv", "json"] = "csv",
    what: Literal["decided", "all", "safe"] = "decided",
    kinds: Kinds = [],  # noqa: B006
    across: Across = False,
) -> Response:
    """What stays and what goes: of the groups that are decided, of all (as suggested), or of an overview's."""
    served = of(request)
    review = _review(served, name)
    chosen = review.safe(kinds, across=across) if what == "safe" else review.standing().groups
    chosen = [one for one in chosen if what != "decided" or one.state == "decided"]
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(f'{name}-duplicates.{format}', safe='')}"}
    if format == "json":
        return JSONResponse(as_json(chosen, show_paths=served.settings.show_paths), headers=headers)
    return Response(as_csv(chosen, show_paths=served.settings.show_paths), headers=headers, media_type="text/csv; charset=utf-8")


@router.get("/move")
def plan(request: Request, name: str) -> dict[str, Any]:
    """What would be moved, and what was."""
    served = of(request)
    _allow_changes(served)
    plan = plan_of(_review(served, name))
    shown_paths = served.settings.show_paths
    folder = None if plan.folder is None else shown(str(plan.folder) if shown_paths else plan.folder.name)
    return {
        "folder": folder, "groups": len(plan.groups), "pictures": len(plan.going),
        "bytes": sum(member.item.size for member in plan.going), "token": plan.token, "moved": len(moved_files(plan.folder)),
    }  # fmt: skip


@router.post("/move", status_code=202)
def move(request: Request, name: str, body: Agreement) -> dict[str, Any]:
    """Move what was decided to go into a folder beside, with a list by which it is put back; nothing is deleted."""
    served = of(request)
    _allow_changes(served)
    plan = plan_of(_review(served, name))
    if plan.folder is None:
        raise Problem(409, "no_place", "there is no folder beside the pictures that is not indexed itself")
    if plan.token != body.token:
        raise Problem(409, "overview_changed", "something else was decided since: look at it again")
    return _started(served, "move-duplicates", name, {"token": plan.token})


@router.post("/move/undo", status_code=202)
def put_back(request: Request, name: str) -> dict[str, Any]:
    """Put everything that was moved back where it was."""
    served = of(request)
    _allow_changes(served)
    if not moved_files(plan_of(_review(served, name)).folder):
        raise Problem(404, "nothing_to_undo", "nothing is in that folder that was moved there")
    return _started(served, "return-duplicates", name, {})


def _review(served: Served, name: str) -> Review:
    return served.reviews.of(served.collection(name))


def _started(served: Served, kind: str, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return served.jobs.state(served.jobs.start(kind, name, arguments).id)[2]


def _allow_changes(served: Served) -> None:
    if not served.settings.allow_changes:
        raise Problem(403, "changes_not_allowed", "this server was started without leave to move files")


def _suits(group: ReviewedGroup, kinds: list[Kind], state: str, across: bool) -> bool:
    of_state = state == "all" or (group.state == "decided") == (state == "decided")
    return of_state and (not kinds or group.kind in kinds) and not (across and group.is_inside_one_folder)
