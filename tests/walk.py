"""What can be reached from an object by attribute, index or frame, and no call.

As a format string does it: ``"{0.__traceback__.tb_frame.f_locals[client]}"``.
"""

import gc
import inspect
import pathlib
import types

TESTS = str(pathlib.Path(__file__).parent)
# Behind these lies everything that there is.
_BEYOND = (types.ModuleType, type, types.CodeType)


def reached(*roots, beyond=()):
    """Yield each object that is reached, once; not past those of a type ``beyond``."""
    waiting, seen = list(roots), set()
    while waiting:
        found = waiting.pop()
        if id(found) in seen or isinstance(found, (*_BEYOND, *beyond)):
            continue
        seen.add(id(found))
        yield found
        waiting += _inside(found)


def clear_values(values, *roots, beyond=()):
    """Return (value, what holds it) for each of ``values`` that is found in clear."""
    return [
        (value, text[:200])
        for text in map(_text, reached(*roots, beyond=beyond))
        for value in values
        if value.lower() in text.lower()
    ]


def _inside(found):
    if isinstance(found, types.FrameType):
        # Ours are of no interest, and hold everything.
        ours = found.f_code.co_filename.startswith(TESTS)
        return [] if ours else list(found.f_locals.values())
    if isinstance(found, types.TracebackType):
        return [found.tb_frame, found.tb_next]
    if isinstance(found, types.FunctionType):
        cells = [cell for cell in found.__closure__ or () if not _is_empty(cell)]
        return [found.__defaults__, found.__kwdefaults__, *cells]
    inside = gc.get_referents(found)
    if isinstance(found, dict):
        # Of text, the keys are left out.
        inside += found
    if isinstance(found, BaseException):
        inside += [found.__traceback__, found.__context__, found.__cause__]
    if inspect.isgenerator(found):
        inside.append(found.gi_frame)
    return inside


def _is_empty(cell):
    try:
        return cell.cell_contents is None
    except ValueError:
        return True


def _text(found):
    if isinstance(found, (bytes, bytearray)):
        return found.decode("latin-1")
    return found if isinstance(found, str) else ""
