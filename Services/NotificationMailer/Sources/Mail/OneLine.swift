extension String {
    /// Somebody's own words as they may stand within ours: in a header a line end would begin another field, in a body
    /// whatever follows it would read as if we had written it. Nor may they turn the direction of what follows around.
    var onOneLine: String {
        var line = UnicodeScalarView()
        for scalar in unicodeScalars where !scalar.properties.isBidiControl {
            line.append(scalar.endsLine ? " " : scalar)
        }
        return String(line)
    }
}

extension Unicode.Scalar {
    fileprivate var endsLine: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
