"""Calls in a pickle that no weights need: other programs would run them on opening the file.

Nothing of a file is run here, whatever it calls (`weights.files.pickled`). The list decides only whether the file is
refused with a warning, or read as far as its tensors go.
"""

from typing import Final

_MODULE_NAMES: Final = """
    _io _pickle _posixsubprocess aiohttp asyncio atexit bdb code codeop commands concurrent cProfile ctypes dis
    distutils doctest ensurepip ftplib http httplib idlelib imp importlib inspect io linecache marshal mmap
    multiprocessing nt ntpath operator os pdb pickle pip pkgutil platform popen2 posix posixpath profile pty pydoc
    requests runpy setuptools shlex shutil signal smtplib socket socketserver sqlite3 ssl subprocess sys telnetlib
    tempfile threading timeit traceback tty urllib urllib2 venv webbrowser xmlrpc zipimport
"""
_MODULES: Final = frozenset(_MODULE_NAMES.split())
_BUILTINS: Final = ("builtins", "__builtin__", "__builtins__")
_PLAIN_NAMES: Final = """
    bool bytearray bytes complex dict float frozenset getattr int list long object range set slice str tuple type
    unicode xrange reversed sorted
"""
_PLAIN: Final = frozenset(_PLAIN_NAMES.split())  # functions of Python that make data of data
_FUNCTIONS: Final = frozenset(
    (
        "torch.load",
        "torch.save",
        "torch.hub.load",
        "torch.hub.load_state_dict_from_url",
        "torch.hub.download_url_to_file",
        "torch.utils.cpp_extension.load",
        "torch.utils.cpp_extension.load_inline",
        "torch._inductor.codecache.compile_file",
        "numpy.load",
        "numpy.save",
        "numpy.fromfile",
        "numpy.testing._private.utils.runstring",
        "numpy.f2py.crackfortran.getlincoef",
        "numpy.f2py.crackfortran._eval_length",
    )
)


def is_hostile(module: str, name: str) -> bool:
    """Whether a call of `name` of `module` does more than make a value."""
    if module in _BUILTINS:
        return name not in _PLAIN and not name[:1].isupper()  # classes of exceptions are values
    root = module.partition(".")[0]
    is_method = "." in name and root == "pathlib"  # Path.touch, Path.unlink
    return root in _MODULES or is_method or f"{module}.{name}" in _FUNCTIONS
