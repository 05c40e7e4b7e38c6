"""The protocols as loops over real workers: whom to ask, whom to wait for, when to update."""

import asyncio

from ..protocols.asynchronous import Async, KBatchAsync
from ..protocols.k_async import KAsync
from ..protocols.local_sgd import LocalSGD
from ..protocols.synchronous import KSync, Sync


def loop_of(protocol):
    """Return the loop of a protocol; NotImplementedError for those that the laboratory lacks."""
    for kind, loop in LOOPS.items():
        if isinstance(protocol, kind):
            return loop
    names = ", ".join(kind.__name__ for kind in LOOPS)
    raise NotImplementedError(f"the laboratory runs {names}, got {protocol!r}")


async def wait_for_k(session):
    """Ask all for a gradient of the newest model, update with the first k, cancel the others.

    A newer request cancels an older one. With fewer workers left than k, all of them are awaited.
    """
    for _ in range(session.updates):
        session.ask_all()
        found = []
        while len(found) < _enough(session, found):
            found += await _fresh(session, session.ask_newcomers)
        await session.communicate()
        session.update(found[: session.protocol.k])


async def never_wait(session):
    """Ask each worker anew as soon as it answers; update with every k-th gradient."""
    session.ask_all()
    found = []
    while session.version < session.updates and session.has_asked():
        answers = await session.arrivals()
        session.ask_newcomers()
        for answer in answers:
            found.append(answer)
            if len(found) == session.protocol.k:
                session.update(found)
                found = []
            if session.version < session.updates:
                session.ask(answer[0].worker)


async def wait_for_any_k(session):
    """Update with the next k gradients, whoever sends them; only their senders are asked anew."""
    session.ask_all()
    found = []
    while session.version < session.updates and (found or session.has_asked()):
        enough = _enough(session, found)
        if len(found) >= enough:
            now, found = found[:enough], found[enough:]
            session.update(now)
            for answer in now:
                session.ask(answer[0].worker)
        elif session.has_asked():
            found += await session.arrivals()
            session.ask_newcomers()
        else:
            return


async def average_copies(session):
    """Let each worker take some steps on its own copy, then average the copies."""
    for _ in range(session.updates // session.protocol.steps):
        session.ask_all_steps()
        found = []
        while len(found) < _enough(session, found):
            found += await _fresh(session, session.ask_all_steps)
        if session.protocol.delay:
            await asyncio.sleep(session.protocol.delay * session.unit)
        session.average(found)


def _enough(session, found):
    """Return how many answers the update waits for: fewer than k if too few workers are left."""
    there = session.members() | {gradient.worker for gradient, *_ in found}
    return max(min(session.protocol.k, len(there)), 1)


async def _fresh(session, ask_again):
    """Return answers of the newest model; if nobody is left to answer, ask the newcomers first."""
    if session.newcomers and not session.has_asked():
        ask_again()
    return await session.arrivals(fresh=True)


LOOPS = {
    Sync: wait_for_k,
    KSync: wait_for_k,
    Async: never_wait,
    KBatchAsync: never_wait,
    KAsync: wait_for_any_k,
    LocalSGD: average_copies,
}
