/// What the elements of HTML mean to a voice. Others mean nothing to it.
enum HTMLElements {
    /// Begin and end a line.
    static let blocks: Set<String> = Set(
        """
        address article aside blockquote br caption center dd details dialog div dl dt figcaption figure footer form h1 h2 \
        h3 h4 h5 h6 header hr legend li main nav ol optgroup option p pre section select summary table tbody tfoot thead \
        title tr ul
        """.split(separator: " ").map(String.init)
    )
    /// Stand beside each other.
    static let cells: Set<String> = ["td", "th"]
    /// Are not shown.
    static let hidden: Set<String> = ["script", "style", "template", "svg", "iframe"]
}
