extension CommandDefinition {
    /// Prints the last receipt once more, marked as a duplicate.
    package static let printDuplicate = CommandDefinition(
        "print_duplicate", summary: "Prints the last receipt once more")
}
