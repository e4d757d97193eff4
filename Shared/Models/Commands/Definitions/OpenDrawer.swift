extension CommandDefinition {
    /// Opens the drawer.
    package static let openDrawer = CommandDefinition(
        "open_drawer", summary: "Opens the drawer")
}
