# Completion of clinvk for bash, 3.2 and later. This file is written by: clinvk completion bash

_clinvk() {
  local line=${COMP_LINE:0:${COMP_POINT:-0}} raw gap last= index
  local -a words
  words=()
  # Bash has split words at = : @ as well; clinvk wants them whole, and up to the cursor.
  for ((index = 0; index <= COMP_CWORD; index++)); do
    raw=${COMP_WORDS[index]}
    if [[ -n $COMP_LINE ]]; then
      gap=${line%%[![:space:]]*}
      line=${line#"$gap"}
      if ((index == COMP_CWORD)); then raw=$line; fi
      line=${line#"$raw"}
    elif [[ $raw == [=:@] || $last == [=:@] ]]; then
      gap=
    else
      gap=' '
    fi
    _clinvk_unquote "$raw"
    if [[ -z $gap ]] && ((${#words[@]} > 1)); then
      words[${#words[@]} - 1]+=$_clinvk_text
    else
      words+=("$_clinvk_text")
    fi
    last=$raw
  done

  # What bash replaces may be less than the word: of --backend=co only co.
  local current=${words[${#words[@]} - 1]} typed=$last
  if [[ -n ${2+given} ]]; then typed=$2; elif [[ $typed == [=:] ]]; then typed=; fi
  _clinvk_unquote "$typed"
  local start=${current%"$_clinvk_text"}

  local command=${words[0]}
  if [[ $command == '~/'* ]]; then command=$HOME/${command#'~/'}; fi
  # An alias, perhaps.
  if [[ $(type -t -- "$command") != file ]]; then command=clinvk; fi

  local found tab=$'\t' value
  local -a values descriptions
  values=() descriptions=()
  COMPREPLY=()
  found=$("$command" __complete -- "${words[@]:1}" 2>/dev/null </dev/null)
  while IFS= read -r line; do
    case $line in
      '') ;;
      :files) _clinvk_option default ;;
      :directories) _clinvk_option dirnames ;;
      :nospace) _clinvk_option nospace ;;
      *)
        value=${line%%"$tab"*}
        _clinvk_quote "${value#"$start"}" "$last"
        values+=("$_clinvk_text")
        if [[ $line == *"$tab"* ]]; then descriptions+=("${line#*"$tab"}"); else descriptions+=(''); fi
        ;;
    esac
  done <<<"$found"
  if ((${#values[@]} == 0)); then return; fi

  _clinvk_option nosort
  # On the second TAB bash only lists: there is room for what the words mean.
  if [[ ${COMP_TYPE-} == 63 ]] && ((${#values[@]} > 1)); then
    _clinvk_list
  else
    COMPREPLY=("${values[@]}")
  fi
}

# A word as the shell will read it, without running anything that stands in it.
_clinvk_unquote() {
  case $1 in
    \"*) _clinvk_text=${1#\"} _clinvk_text=${_clinvk_text%\"} ;;
    \'*) _clinvk_text=${1#\'} _clinvk_text=${_clinvk_text%\'} ;;
    *) _clinvk_text=${1//\\/} ;;
  esac
}

# A candidate as it must be typed, where $2 stands so far.
_clinvk_quote() {
  local mark
  _clinvk_text=$1
  case $2 in
    \"*) for mark in \\ \" \$ \`; do _clinvk_text=${_clinvk_text//"$mark"/\\$mark}; done ;;
    \'*) mark=\'\\\'\' _clinvk_text=${1//\'/$mark} ;;
    *[!A-Za-z0-9_@%+=:,./-]*) printf -v _clinvk_text %q "$1" ;;
    *) if [[ $1 == *[!A-Za-z0-9_@%+=:,./-]* ]]; then printf -v _clinvk_text %q "$1"; fi ;;
  esac
}

# Bash 3.2 has no compopt.
_clinvk_option() {
  if [[ $(type -t compopt) == builtin ]]; then compopt -o "$1" 2>/dev/null; fi
}

# The candidates with their descriptions, one a line: bash puts side by side what is short.
_clinvk_list() {
  local columns=$((${COLUMNS:-80} - 1)) index longest=0 text
  for ((index = 0; index < ${#values[@]}; index++)); do
    if ((${#values[index]} > longest)); then longest=${#values[index]}; fi
  done
  for ((index = 0; index < ${#values[@]}; index++)); do
    text=${values[index]}
    if [[ -n ${descriptions[index]} ]]; then
      printf -v text "%-${longest}s  %s" "$text" "${descriptions[index]}"
      if ((index == 0)); then printf -v text "%-${columns}s" "$text"; fi
    fi
    COMPREPLY+=("${text:0:columns}")
  done
}

# Where bash cannot be told for each word, names of files may be wanted for any.
if ((BASH_VERSINFO[0] < 4)); then
  complete -o default -F _clinvk clinvk
else
  complete -F _clinvk clinvk
fi
