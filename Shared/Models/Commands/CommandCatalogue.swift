import JSON

/// The kinds of command that there are: a new one is a file beside this one and a line here.
package enum CommandCatalogue {
    /// All kinds, in the order in which the contract lists them.
    package static let all: [CommandDefinition] = [
        .printReceipt,
        .voidReceipt,
        .printReversalReceipt,
        .voidOpenReceipt,
        .printDuplicate,
        .nonFiscalReceipt,
        .xReport,
        .zReport,
        .cashIn,
        .cashOut,
        .getCashAmount,
        .openDrawer,
        .getStatus,
        .setDateTime,
        .setLogo,
        .deleteLogo,
        .rawCommand,
        .getInfo,
        .getLastReceiptInfo,
        .getVATRates,
        .getVATCapabilities,
        .setVATRates,
        .getHeaderFooter,
        .getHeaderFooterCapabilities,
        .setHeaderFooter,
        .getOperatorCapabilities,
        .setOperator,
    ]

    private static let byType = Dictionary(uniqueKeysWithValues: all.map { ($0.type, $0) })

    /// The definition of a type; nil for one that does not exist (any more).
    package static subscript(type: CommandType) -> CommandDefinition? { byType[type] }

    /// What a command's type looks like in JSON.
    package static let typeSchema = Schema.oneOf(all.map(\.type.rawValue)).named("CommandType")
}
