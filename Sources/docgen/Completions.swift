/// Writes the completion scripts of a tool: its options, their allowed values, and files where a file is meant.
struct Completions {
  let help: ToolHelp
  let release: Release
  let names: ToolNames

  private var name: String { names.installed(help.name) }
  private var options: [HelpItem] { help.items.filter { $0.kind != .positional } }
  private var takesFiles: Bool { help.items.contains { $0.kind == .positional && $0.completion == .files } }
  /// The tool's name as a part of a shell function's.
  private var function: String { "_millrace_" + name.map { $0.isLetter || $0.isNumber ? String($0) : "_" }.joined() }

  /// One line about an option.
  private func about(_ item: HelpItem) -> String {
    let line = item.summary.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    if let end = line.firstIndex(of: "."), line[line.index(after: end)...].hasPrefix(" ") {
      return String(line[..<end])
    }
    return line.hasSuffix(".") ? String(line.dropLast()) : line
  }

  private func quoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }

  /// Whether a word is the beginning of a value, such as `auroc=` or `top:`, so that no space may follow it.
  private func isOpen(_ word: String) -> Bool { word.hasSuffix("=") || word.hasSuffix(":") }

  private func note(_ shell: String) -> String {
    "# \(shell) completion of \(name) (Millrace \(release.version)), written by docgen: do not edit."
  }

  /// For bash 3.2 and later.
  var bash: String {
    var cases = ""
    for item in options where item.kind == .option {
      let pattern = item.names.joined(separator: "|")
      switch item.completion {
      case .words(let words):
        let open = words.contains(where: isOpen) ? " compopt -o nospace 2>/dev/null;" : ""
        let words = quoted(words.joined(separator: " "))
        cases += "    \(pattern)) COMPREPLY=($(compgen -W \(words) -- \"$current\"));\(open) return ;;\n"
      case .list(let words):
        let words = quoted(words.joined(separator: " "))
        cases += "    \(pattern)) COMPREPLY=($(compgen -P \"$head\" -W \(words) -- \"${current##*,}\")); return ;;\n"
      case .files: cases += "    \(pattern)) return ;;\n"
      case .nothing: cases += "    \(pattern)) compopt +o default 2>/dev/null; return ;;\n"
      }
    }
    let words = options.flatMap(\.names).joined(separator: " ")
    return """
      \(note("bash"))
      \(function)() {
        local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
        COMPREPLY=()
        if [[ $current == "=" ]]; then
          current=
        elif [[ $previous == "=" ]]; then
          previous=${COMP_WORDS[COMP_CWORD - 2]}
        fi
        local head=
        if [[ $current == *,* ]]; then
          head=${current%,*},
        fi
        case $previous in
      \(cases)  esac
        if [[ $current == -* ]]; then
          COMPREPLY=($(compgen -W \(quoted(words)) -- "$current"))
        fi
      }
      complete -o default -F \(function) \(name)

      """
  }

  /// For zsh; the file's name is `_` and the tool's.
  var zsh: String {
    var text = "#compdef \(name)\n\(note("zsh"))\n_arguments -s -S"
    for item in help.items {
      text += " \\\n  "
      if item.kind == .positional {
        text += quoted((item.isRepeating ? "*" : "") + ":" + zshEscaped(item.valueName) + zshAction(item))
        continue
      }
      let about = "[" + zshEscaped(self.about(item)) + "]"
      let value = item.kind == .option ? ":" + zshEscaped(item.valueName) + zshAction(item) : ""
      if item.isRepeating {
        text += item.names.map { quoted("*" + $0 + about + value) }.joined(separator: " ")
      } else if item.names.count == 1 {
        text += quoted(item.names[0] + about + value)
      } else {
        let all = item.names.joined(separator: " ")
        text += "'(\(all))'{" + item.names.joined(separator: ",") + "}" + quoted(about + value)
      }
    }
    return text + "\n"
  }

  private func zshAction(_ item: HelpItem) -> String {
    switch item.completion {
    case .words(let words):
      words.contains(where: isOpen)
        ? ":{compadd -S \"\" - " + words.map(zshEscaped).joined(separator: " ") + "}"
        : ":(" + words.map(zshEscaped).joined(separator: " ") + ")"
    case .list(let words): ":_values -s , \(item.valueName) " + words.map(zshEscaped).joined(separator: " ")
    case .files: ":_files"
    case .nothing: ":"
    }
  }

  private func zshEscaped(_ text: String) -> String {
    text.map { "[]:\\".contains($0) ? "\\\($0)" : String($0) }.joined()
  }

  /// For fish 3 and later.
  var fish: String {
    var text = note("fish") + "\n"
    if !takesFiles { text += "complete -c \(name) -f\n" }
    for item in options {
      text += "complete -c \(name)"
      for option in item.names {
        text += option.hasPrefix("--") ? " -l \(option.dropFirst(2))" : " -s \(option.dropFirst(1))"
      }
      if item.kind == .option {
        switch item.completion {
        case .words(let words): text += " -x -a \(fishQuoted(words.joined(separator: " ")))"
        case .list(let words): text += " -x -a \(fishQuoted("(__fish_append , \(words.joined(separator: " ")))"))"
        case .files: text += " -r -F"
        case .nothing: text += " -x"
        }
      }
      text += " -d \(fishQuoted(about(item)))\n"
    }
    return text
  }

  private func fishQuoted(_ text: String) -> String {
    "'" + text.map { "'\\".contains($0) ? "\\\($0)" : String($0) }.joined() + "'"
  }
}
