/// The way to a value under validation; turned into text only when something is wrong there.
indirect enum SchemaPath {
    case root(String)
    case member(SchemaPath, String)
    case element(SchemaPath, Int)

    var text: String {
        switch self {
        case .root(let name): name
        case .member(let parent, let name): "\(parent.text).\(name)"
        case .element(let parent, let index): "\(parent.text)[\(index)]"
        }
    }

    /// What a message calls the value.
    var noun: String {
        switch self {
        case .root(let name): String(name[(name.lastIndex(of: ".").map(name.index(after:)) ?? name.startIndex)...])
        case .member(_, let name): name
        case .element(let parent, let index): "\(parent.noun)[\(index)]"
        }
    }
}
