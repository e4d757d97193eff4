import Crypto

/// Text in the header of a mail: ASCII as it is, anything else as encoded words (RFC 2047), and never a line end that
/// was not put there on purpose.
enum HeaderText {
    /// The longest line of 78 characters, less the name of the field.
    private static let longestPlain = 60
    /// So many bytes make an encoded word of 64 characters; beside the name of a field a line has at most 76.
    private static let bytesInWord = 39

    static func unstructured(_ text: String) -> String {
        let text = text.onOneLine
        let isPlain = text.utf8.allSatisfy { (0x20...0x7e).contains($0) } && !text.contains("=?")
        return isPlain && text.utf8.count <= longestPlain ? text : words(of: text).joined(separator: "\r\n ")
    }

    /// A mailbox in From or To; its address has been checked, or is only shown.
    static func mailbox(_ mailbox: Mailbox) -> String {
        let address = mailbox.address.onOneLine.replacing(" ", with: "")
        guard let name = mailbox.name else { return address }
        let isPlain = name.utf8.allSatisfy { $0.isLetterDigitOrHyphen || $0 == UInt8(ascii: " ") }
        return "\(isPlain ? name : words(of: name.onOneLine).joined(separator: "\r\n ")) <\(address)>"
    }

    private static func words(of text: String) -> [String] {
        var words: [[UInt8]] = [[]]
        for character in text {
            for scalars in pieces(of: character) {
                if words[words.count - 1].count + scalars.count > bytesInWord { words.append([]) }
                words[words.count - 1] += scalars
            }
        }
        return words.map { "=?UTF-8?B?\(Base64.encode($0))?=" }
    }

    /// A character is not divided between two words, unless it alone is too long for one.
    private static func pieces(of character: Character) -> [[UInt8]] {
        let bytes = Array(character.utf8)
        return bytes.count <= bytesInWord ? [bytes] : character.unicodeScalars.map { Array(String($0).utf8) }
    }
}

extension UInt8 {
    fileprivate var isLetterDigitOrHyphen: Bool {
        (0x30...0x39).contains(self) || (0x41...0x5a).contains(self) || (0x61...0x7a).contains(self) || self == 0x2d
    }
}
