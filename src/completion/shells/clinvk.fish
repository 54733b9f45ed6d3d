# Completion of clinvk for fish, 3.4 and later. This file is written by: clinvk completion fish

function __clinvk_complete
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    set -l command (string replace -r '^~/' "$HOME/" -- $words[1])
    type -q -- $command; or set command clinvk
    set -e words[1]
    # A quote that is still open is no part of the word.
    set -l current (string unescape -- "$typed"; or string replace -r '^["\']' '' -- "$typed")

    for line in ($command __complete -- $words "$current" 2>/dev/null </dev/null)
        switch $line
            case :files
                __clinvk_paths __fish_complete_path "$current"
            case :directories
                __clinvk_paths __fish_complete_directories "$current"
            case :nospace
            case '*'
                printf '%s\n' $line
        end
    end
end

# In --file=x, x is the name of a file.
function __clinvk_paths
    set -l start (string match -r -- '^--[^=]+=' $argv[2])
    set -l name (string replace -- "$start" '' $argv[2])
    for path in ($argv[1] "$name")
        printf '%s%s\n' "$start" $path
    end
end

complete -c clinvk -e
complete -c clinvk -f -k -a '(__clinvk_complete)'
