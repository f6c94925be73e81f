"""Files of scenes: the shipped ones in `assets/scenes`, and a lecturer's own in the folder `RESNET_VIZ_SCENES`.

An own file with an error is left out, and its message kept for the list of scenes. Own files are read again when they
change; shipped ones are read once.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

from resnet_viz.errors import SceneError
from resnet_viz.i18n import _
from resnet_viz.resources import ASSETS
from resnet_viz.scenes.scene import Scene
from resnet_viz.scenes.scene_text import check_next, read_text
from resnet_viz.spec.validation import did_you_mean, shown

FOLDER: Final = ASSETS / "scenes"
OWN: Final = "RESNET_VIZ_SCENES"
SUFFIX: Final = ".toml"
MAX_BYTES: Final = 65_536
MAX_OWN: Final = 200  # files
MOST_NAME: Final = 40  # characters
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


class _File(NamedTuple):
    scene: Scene
    text: str
    path: Path


class _Own(NamedTuple):
    """The lecturer's folder: its scenes, and a message for each file that is none."""

    files: Mapping[str, _File]
    problems: tuple[str, ...]


_NOTHING: Final = _Own(MappingProxyType({}), ())


def known() -> Mapping[str, Scene]:
    """Returns all scenes by name: the shipped path first, then own ones by place and name. Texts are translated.

    Raises:
        SceneError: a shipped file is missing or damaged.
    """
    shipped = {name: _translated(file.scene) for name, file in _shipped().items()}
    return MappingProxyType(shipped | {name: file.scene for name, file in _own().files.items()})


def path() -> tuple[Scene, ...]:
    """Returns the shipped scenes in their order."""
    return tuple(_translated(file.scene) for file in _shipped().values())


def find(name: str) -> Scene:
    """Returns a scene by its name.

    Raises:
        SceneError: there is none; the message suggests the nearest, or has the error of the own file of this name.
    """
    if not _NAME.fullmatch(name):
        raise SceneError(_bad_name(name))
    scenes = known()
    if name in scenes:
        return scenes[name]
    problem = next((one for one in _own().problems if Path(one.partition(SUFFIX)[0]).name == name), "")
    if problem:
        raise SceneError(problem)
    raise SceneError(
        _("No scene is called {name!r}; there are {names}.").format(name=name, names=", ".join(scenes))
        + did_you_mean(name, tuple(scenes))
    )


def problems() -> tuple[str, ...]:
    """Returns a message for each own file that is no scene, and for a folder that cannot be read."""
    return _own().problems


def read(file: Path) -> Scene:
    """Returns the scene in a file, as the folder of own scenes would have it.

    Raises:
        SceneError: it is none; the message names file and line.
    """
    found = _read(file, is_own=True)
    beside = [other.stem for other in sorted(file.parent.glob(f"*{SUFFIX}"))[:MAX_OWN]]
    _check_next(found, tuple(dict.fromkeys((*_shipped(), *beside))))
    return found.scene


@lru_cache(maxsize=1)
def _shipped() -> Mapping[str, _File]:
    found = sorted((_read(file) for file in FOLDER.glob(f"*{SUFFIX}")), key=_order)
    by_name = {file.scene.name: file for file in found}
    for file in found:
        _check_next(file, tuple(by_name))
    return MappingProxyType(by_name)


def _own() -> _Own:
    """Returns the scenes of the lecturer's folder; empty where none is named."""
    name = os.environ.get(OWN, "")
    if not name:
        return _NOTHING
    folder = Path(name).expanduser()
    try:
        files = sorted(file for file in folder.iterdir() if file.suffix == SUFFIX)
        state = tuple((file, file.stat().st_mtime_ns, file.stat().st_size) for file in files[: MAX_OWN + 1])
    except OSError as error:
        message = _("{variable} is a folder of scenes; {folder} cannot be read: {error}.")
        reason = error.strerror or type(error).__name__
        return _Own({}, (message.format(variable=OWN, folder=folder, error=reason),))
    return _read_own(state)


@lru_cache(maxsize=2)
def _read_own(state: tuple[tuple[Path, int, int], ...]) -> _Own:
    """Returns the scenes of files, which are read again where their time or size has changed."""
    found: list[_File] = []
    problems: list[str] = []
    if len(state) > MAX_OWN:
        problems.append(_("A folder has at most {most} scenes; the others are left out.").format(most=MAX_OWN))
    for path, _time, _size in state[:MAX_OWN]:
        try:
            found.append(_read(path, is_own=True))
            if found[-1].scene.name in _shipped():
                raise SceneError(
                    _("{path}: a shipped scene has this name, choose another.").format(path=found.pop().path)
                )
        except SceneError as error:
            problems.append(str(error))
    by_name = {file.scene.name: file for file in sorted(found, key=_order)}
    for name, file in tuple(by_name.items()):
        try:
            _check_next(file, (*_shipped(), *(each.scene.name for each in found)))
        except SceneError as error:
            problems.append(str(error))
            del by_name[name]
    return _Own(by_name, tuple(problems))


def _order(file: _File) -> tuple[int, str]:
    return file.scene.place, file.scene.name


def _check_next(file: _File, names: tuple[str, ...]) -> None:
    try:
        check_next(file.scene, names, file.text)
    except SceneError as error:
        raise SceneError(f"{file.path}, {error}") from error


def _read(path: Path, *, is_own: bool = False) -> _File:
    if not _NAME.fullmatch(path.stem):
        raise SceneError(_bad_name(path.stem))
    if path.exists() and not path.is_file():  # a pipe would be waited for
        raise SceneError(_("{path} is no file.").format(path=path))
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        message = _("{path} cannot be read: {error}.")
        raise SceneError(message.format(path=path, error=error.strerror or type(error).__name__)) from error
    if len(content) > MAX_BYTES:
        raise SceneError(
            _("{path} has more than {most:,} bytes: no scene is as long.").format(path=path, most=MAX_BYTES)
        )
    try:
        text = content.decode().removeprefix("\ufeff").replace("\r\n", "\n")
        return _File(read_text(path.stem, text, is_own=is_own), text, path)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise SceneError(
            _("{path}, line {line}: it is not UTF-8; save it with this encoding.").format(path=path, line=line)
        ) from error
    except SceneError as error:
        raise SceneError(f"{path}, {error}") from error


def _bad_name(name: str) -> str:
    message = _(
        "A scene's name has letters a to z, digits, _ and -, at most {most} of them, and is no path; got {name!r}."
    )
    return message.format(most=MOST_NAME, name=shown(name))


def _translated(scene: Scene) -> Scene:
    return replace(
        scene,
        title=_(scene.title),
        question=_(scene.question),
        answers=tuple(replace(answer, text=_(answer.text)) for answer in scene.answers),
        press=scene.press and _(scene.press),  # gettext answers an empty text with the catalogue's head
        look_at=_(scene.look_at),
        explanation=_(scene.explanation),
        source=_(scene.source),
    )
