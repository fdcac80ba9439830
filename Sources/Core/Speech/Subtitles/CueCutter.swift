import Audio

/// Cuts a segment of a transcript into cues.
struct CueCutter {
    /// What is shown at once.
    struct Cue: Equatable {
        var lines: [String]
        /// Seconds.
        var start: Double
        var end: Double
    }

    let layout: Subtitles.Layout

    /// The cues of `segment`, in order; none if nothing is said in it.
    func cues(of segment: Transcript.Segment) -> [Cue] {
        var segment = segment
        segment.text = String(
            String.UnicodeScalarView(segment.text.unicodeScalars.filter { !Self.isInvisible($0) })
        )
        segment.end = max(segment.end, segment.start)
        var rest = segment.timedWords.flatMap(pieces)[...]
        var cues: [Cue] = []
        while let first = rest.first {
            let fitting = rest.prefix(count(of: rest))
            let shown = fitting.count == rest.count ? fitting : fitting.prefix(niceCount(of: fitting))
            rest = rest.dropFirst(shown.count)
            let longest = first.start + layout.longestCue.seconds
            cues.append(Cue(lines: lines(of: shown), start: first.start, end: min(shown.last?.end ?? longest, longest)))
        }
        return cues
    }

    /// Control characters, but not the white space among them.
    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .control && !scalar.properties.isWhitespace
    }

    /// The word, or parts of it if it is longer than a line.
    private func pieces(of word: TimedWord) -> [TimedWord] {
        let length = word.word.count
        guard length > layout.lineLength else { return [word] }
        var pieces: [TimedWord] = []
        var rest = word.word[...]
        var offset = 0
        func time(_ offset: Int) -> Double { word.start + (word.end - word.start) * Double(offset) / Double(length) }
        while !rest.isEmpty {
            let piece = rest.prefix(layout.lineLength)
            let next = min(offset + layout.lineLength, length)
            pieces.append(TimedWord(word: String(piece), start: time(offset), end: time(next)))
            rest = rest[piece.endIndex...]
            offset = next
        }
        return pieces
    }

    /// How many of `words` fit into one cue, at least one.
    private func count(of words: ArraySlice<TimedWord>) -> Int {
        guard let start = words.first?.start else { return 0 }
        var lines = 1
        var length = 0
        var count = 0
        for word in words {
            let size = word.word.count
            if length > 0, length + 1 + size > layout.lineLength {
                lines += 1
                length = 0
            }
            let isTooLong = word.end - start > layout.longestCue.seconds + 0.000_5
            if count > 0, lines > layout.lines || isTooLong { break }
            length += (length > 0 ? 1 : 0) + size
            count += 1
        }
        return count
    }

    /// How many of `words`, which are not the last of their segment, to show: up to the last sentence or else clause
    /// that ends in their second half.
    private func niceCount(of words: ArraySlice<TimedWord>) -> Int {
        let half = words.count / 2
        for marks in [".?!…。？！", ",;:—，；："] {
            let end = words.indices.reversed().first { index in
                index - words.startIndex >= half && words[index].word.last.map { marks.contains($0) } == true
            }
            if let end { return end - words.startIndex + 1 }
        }
        return words.count
    }

    private func lines(of words: ArraySlice<TimedWord>) -> [String] {
        var lines: [String] = []
        for word in words {
            if let last = lines.last, last.count + 1 + word.word.count <= layout.lineLength {
                lines[lines.count - 1] += " " + word.word
            } else {
                lines.append(word.word)
            }
        }
        return lines
    }
}
