/// A table of a page.
public struct Table: Sendable {
  /// A cell of a table.
  public struct Cell: Sendable {
    /// The text of the cell.
    public var text: String
    /// Smaller lines below the text, such as an interval and the baseline's value.
    public var minor: [String]

    /// Makes a cell.
    public init(_ text: String, minor: [String] = []) {
      self.text = text
      self.minor = minor
    }
  }

  /// The caption above the table.
  public var caption: String
  /// The titles of the columns.
  public var columns: [String]
  /// The rows, each with one cell per column.
  public var rows: [[Cell]]
  /// The first of the columns of numbers, which are aligned to the right.
  public var firstNumber: Int

  /// Makes a table.
  public init(caption: String, columns: [String], rows: [[Cell]], firstNumber: Int = 1) {
    self.caption = caption
    self.columns = columns
    self.rows = rows
    self.firstNumber = firstNumber
  }

  func element() -> String {
    func open(_ tag: String, _ column: Int) -> String {
      "<\(tag)\(column >= firstNumber ? " class=\"number\"" : "")>"
    }
    var text = "<div class=\"scroll\"><table>\n<caption>\(Markup.escaped(caption))</caption>\n<thead><tr>"
    for (index, column) in columns.enumerated() { text += open("th", index) + Markup.escaped(column) + "</th>" }
    text += "</tr></thead>\n<tbody>\n"
    for row in rows {
      text += "<tr>"
      for (index, cell) in row.enumerated() {
        // Where there is no room for columns, each cell names its own (the style says so).
        let name = index > 0 && index < columns.count ? " data-column=\"\(Markup.escaped(columns[index]))\"" : ""
        text += open("td", index).dropLast() + name + ">" + Markup.escaped(cell.text)
        for minor in cell.minor { text += "<small>\(Markup.escaped(minor))</small>" }
        text += "</td>"
      }
      text += "</tr>\n"
    }
    return text + "</tbody></table></div>\n"
  }
}

/// A self-contained HTML page: inline images, no scripts, nothing to load; for light and dark colour schemes.
public struct Page: Sendable {
  /// A block of the page.
  public enum Block: Sendable {
    case heading(String)
    case paragraph(String)
    /// A remark on how to read the block above.
    case note(String)
    case figures(Sheet)
    case table(Table)
    /// Names and values, one pair per line.
    case facts([(name: String, value: String)])
  }

  /// The title of the page and its window.
  public var title: String
  /// The summary below the title.
  public var lead: String
  /// The blocks from top to bottom.
  public var blocks: [Block]

  /// Makes a page.
  public init(title: String, lead: String, blocks: [Block] = []) {
    self.title = title
    self.lead = lead
    self.blocks = blocks
  }

  /// Returns the page as well-formed XML with all text escaped; the same content gives the same bytes.
  public func html() -> String {
    var text = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
    text += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
    text += "<title>\(Markup.escaped(title))</title>\n<style>\n\(Self.style)</style>\n</head>\n<body>\n<main>\n"
    text += "<h1>\(Markup.escaped(title))</h1>\n<p class=\"lead\">\(Markup.escaped(lead))</p>\n"
    for block in blocks { text += element(block) }
    return text + "</main>\n</body>\n</html>\n"
  }

  private func element(_ block: Block) -> String {
    switch block {
    case .heading(let string): "<h2>\(Markup.escaped(string))</h2>\n"
    case .paragraph(let string): "<p>\(Markup.escaped(string))</p>\n"
    case .note(let string): "<p class=\"note\">\(Markup.escaped(string))</p>\n"
    case .figures(let sheet): "<figure class=\"scroll\">\n\(sheet.elements())</figure>\n"
    case .table(let table): table.element()
    case .facts(let facts):
      "<dl>\n"
        + facts.map { "<dt>\(Markup.escaped($0.name))</dt><dd>\(Markup.escaped($0.value))</dd>\n" }.joined()
        + "</dl>\n"
    }
  }

  /// Paints by the classes of `Paint`: s- for strokes, f- for fills.
  private static let style: String = {
    var text = """
      :root{color-scheme:light dark;--ground:#f6f7f9;--panel:#fff;--ink:#1f2328;--muted:#57606a;--grid:#e3e6ea}
      *{box-sizing:border-box}
      body{margin:0;background:var(--ground);color:var(--ink);line-height:1.5;
      font-family:system-ui,'Segoe UI',Roboto,'Helvetica Neue',Arial,'DejaVu Sans',sans-serif}
      main{max-width:62rem;margin:0 auto;padding:2rem 1.25rem 4rem}
      h1{font-size:1.7rem;line-height:1.2;margin:0 0 .5rem}
      h2{font-size:1.2rem;margin:2.5rem 0 .75rem;padding-top:1rem;border-top:1px solid var(--grid)}
      p{max-width:46rem;margin:.5rem 0}.lead{font-size:1.05rem;color:var(--muted)}
      .note{color:var(--muted);font-size:.9rem}
      .scroll{overflow-x:auto;margin:1rem 0;background:var(--panel);border:1px solid var(--grid);border-radius:8px}
      figure.scroll{padding:.5rem;display:flex;flex-wrap:wrap;gap:.5rem}
      figure svg{display:block;max-width:100%;height:auto}
      table{border-collapse:collapse;width:100%;font-size:.92rem;font-variant-numeric:tabular-nums}
      caption{text-align:left;padding:.8rem 1rem .4rem;color:var(--muted)}
      th,td{padding:.4rem 1rem;text-align:left;border-top:1px solid var(--grid)}
      th,td{vertical-align:top;
      overflow-wrap:break-word}
      th{font-weight:600;white-space:nowrap}
      .number{text-align:right;white-space:nowrap}
      small{display:block;color:var(--muted)}
      dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1.25rem;margin:1rem 0;font-size:.95rem}
      dt{color:var(--muted)}dd{margin:0;overflow-wrap:anywhere}
      @media(max-width:40rem){
      main{padding:1rem .75rem 3rem}
      table,caption,tbody,tr,td{display:block}
      thead{display:none}
      tr{padding:.5rem 0;border-top:1px solid var(--grid)}
      td,td.number{border:0;padding:.1rem 1rem;text-align:right;white-space:normal;overflow-wrap:anywhere}
      td:first-child{text-align:left;font-weight:600}
      td[data-column]::before{content:attr(data-column);float:left;margin-right:1rem;color:var(--muted)}
      }
      @media(prefers-color-scheme:dark){
      :root{--ground:#0f1215;--panel:#181c20;--ink:#e6e8ea;--muted:#9aa4ae;--grid:#2c3238}
      .f-panel{fill:#181c20}.f-ink{fill:#e6e8ea}.f-muted{fill:#9aa4ae}
      .s-muted{stroke:#9aa4ae}.s-grid{stroke:#2c3238}

      """
    for (index, color) in Palette.dark.enumerated() {
      text += ".f-c\(index){fill:\(color)}.s-c\(index){stroke:\(color)}\n"
    }
    return text + "}\n"
  }()
}
