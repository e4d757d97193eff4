import Crypto
import Models

/// Makes the id of an organization from its name: `Ștefan & Fiii S.R.L.` becomes `stefan_fiii`.
struct OrganizationSlug {
    /// Leaves room for what is added where the plain one is taken.
    private static let longest = 48
    private static let legalForms: Set<String> = ["srl", "srld", "sa", "snc", "scs", "sca", "pfa", "ra"]

    let plain: String

    init(name: String) {
        var words = Self.words(of: name)
        if words.suffix(2) == ["srl", "d"] { words.removeLast() }
        if words.count > 1, let last = words.last, Self.legalForms.contains(last) { words.removeLast() }
        if words.count > 1, words.first == "sc" { words.removeFirst() }
        var slug = words.joined(separator: "_")
        if slug.utf8.count > Self.longest {
            slug = String(slug.prefix(Self.longest))
            while slug.hasSuffix("_") { slug.removeLast() }
        }
        plain = slug.isEmpty ? "org" : slug
    }

    /// Ids in the order in which they are to be tried: the plain one, then some that hardly anybody has.
    var candidates: [String] {
        [plain] + (0..<3).map { _ in "\(plain)_\(Hex.encode(Random.bytes(4)))" }
    }

    /// Dots, apostrophes and the like stand within words; everything else that is no letter and no digit between them.
    private static func words(of name: String) -> [String] {
        var text = ""
        for scalar in name.unicodeScalars {
            if let letters = scalar.latin {
                text += letters
            } else if !scalar.standsWithinWord {
                text += " "
            }
        }
        return text.split(separator: " ").map(String.init)
    }
}

extension Unicode.Scalar {
    /// The lowercase ASCII letters or the digit that it is read as; nil for any other script. A Latin letter is found by
    /// its name, LATIN SMALL LETTER S WITH COMMA BELOW, which covers every diacritic there is.
    fileprivate var latin: String? {
        if isASCII {
            return properties.isAlphabetic || properties.numericType == .decimal
                ? properties.lowercaseMapping : nil
        }
        guard let words = properties.name?.split(separator: " "), words.count >= 4, words[0] == "LATIN",
            words[2] == "LETTER"
        else { return nil }
        if words[3] == "SHARP" { return "ss" }
        return words[3].utf8.count <= 2 ? words[3].lowercased() : nil
    }

    fileprivate var standsWithinWord: Bool {
        properties.generalCategory == .nonspacingMark || ".'’`´".unicodeScalars.contains(self)
    }
}
