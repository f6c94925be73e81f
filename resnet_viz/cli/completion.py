"""completion: scripts of the shells' Tab completion.

A script asks the program, which answers from its own parser (see `candidates`).
"""

import argparse
import os
import shlex
import sys
from typing import Any, Final

from resnet_viz.cli.parser import add_command
from resnet_viz.i18n import _
from resnet_viz.resources import IMPORT_ROOT

ASK: Final = "__complete"  # a shell's query: this word, the shell's name, the words so far

# Where the program is not installed under its name, a function of that name starts it: `python -m` has no name to
# which a shell could tie anything.
_PROGRAM: Final = """\
if ! command -v resnet_viz > /dev/null; then
  resnet_viz() { PYTHONPATH=%(root)s %(python)s -m resnet_viz "$@"; }
fi
"""
_BASH: Final = (
    _PROGRAM
    + """\
_resnet_viz() {
  local IFS=$'\\n'
  COMPREPLY=($(resnet_viz %(ask)s bash "${COMP_WORDS[@]:1:COMP_CWORD}" 2> /dev/null))
  if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then
    compopt -o nospace 2> /dev/null
  fi
}
complete -o default -F _resnet_viz resnet_viz
"""
)
_ZSH: Final = (
    _PROGRAM
    + """\
_resnet_viz() {
  local -a found
  found=("${(@f)$(resnet_viz %(ask)s zsh "${(@)words[2,CURRENT]}" 2> /dev/null)}")
  if [[ -z ${found[1]} ]]; then
    _files
  elif [[ ${#found} -eq 1 && ${found[1]} == *= ]]; then
    compadd -S '' -- "${found[@]}"
  else
    compadd -- "${found[@]}"
  fi
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
compdef _resnet_viz resnet_viz
"""
)
_FISH: Final = """\
if not type -q resnet_viz
  function resnet_viz
    PYTHONPATH=%(root)s %(python)s -m resnet_viz $argv
  end
end
function __resnet_viz
  set -l words (commandline -opc) (commandline -ct)
  resnet_viz %(ask)s fish $words[2..-1] 2> /dev/null
end
complete -c resnet_viz -a '(__resnet_viz)'
"""
SCRIPTS: Final = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}


def add_to(commands: Any) -> None:
    """Adds the command to the parser's."""
    parser = add_command(
        commands,
        "completion",
        _("script for the shell's completion of `resnet_viz` commands, names, fields and runs"),
        examples=(
            "completion bash > ~/.local/share/bash-completion/completions/resnet_viz",
            "completion zsh >> ~/.zshrc",
            "completion fish > ~/.config/fish/completions/resnet_viz.fish",
        ),
    )
    parser.add_argument("shell", choices=tuple(SCRIPTS))
    parser.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> None:
    root = os.pathsep.join(filter(None, (str(IMPORT_ROOT), os.environ.get("PYTHONPATH", ""))))
    values = {"root": shlex.quote(root), "python": shlex.quote(sys.executable), "ask": ASK}
    print(SCRIPTS[chosen.shell] % values, end="")
