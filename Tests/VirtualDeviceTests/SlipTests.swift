import Models
import Testing

@testable import VirtualDevice

@Suite("A slip") struct SlipTests {
    private func slip(_ type: CommandType, _ payload: String, after earlier: [String] = []) throws -> String {
        var register = RegisterTests.register()
        for payload in earlier + [payload] {
            let order = try RegisterTests.order(earlier.contains(payload) ? "print_receipt" : type, payload)
            guard case .recorded(let record) = register.reaction(to: order, at: RegisterTests.now) else { break }
            if payload != earlier.first { return Slip(record, of: register)?.text ?? "" }
            register.remember(record)
        }
        return ""
    }

    @Test("of a receipt") func receipt() throws {
        #expect(
            try slip("print_receipt", RegisterTests.sale) == """
                                 E-BON DEMO SRL
                          STR. LIPSCANI 12, BUCUREȘTI
                                 CIF RO12345678
                ------------------------------------------------
                Espresso
                  2,000 x 8,50                           17,00 B
                Laptop
                  1,000 x 4.500,00                    4.500,00 A
                  REDUCERE                             -100,50 A
                Cartofi
                  0,333 x 4,99                            1,66 B
                ------------------------------------------------
                TOTAL LEI                               4.418,16
                TVA A 21%                                 763,55
                TVA B 11%                                   1,85
                TOTAL TVA                                 765,40
                NUMERAR                                    18,66
                CARD                                    4.399,50
                ------------------------------------------------
                CIF CLIENT: RO123
                OPERATOR: 7
                NR. BON: 0000001                         Z: 0001
                                   BON FISCAL
                ------------------------------------------------
                DATA: 26.04.2026                   ORA: 18:30:00
                SERIA: 8937514405                     dev_pos_01
                                  VĂ MULȚUMIM!
                """)
    }

    @Test("of a report") func report() throws {
        #expect(
            try slip("z_report", "{}", after: [RegisterTests.sale]).contains(
                """
                ------------------------------------------------
                                    RAPORT Z
                RAPORT Z NR.                                0001
                VÂNZĂRI LEI                             4.418,16
                STORNĂRI LEI                                0,00
                NET LEI                                 4.418,16
                BAZĂ B 11%                                 16,81
                TVA B 11%                                   1,85
                BAZĂ A 21%                              3.635,95
                TVA A 21%                                 763,55
                BONURI                                         1
                ------------------------------------------------
                """))
    }

    @Test("of a reversal names the receipt that it reverses") func reversal() throws {
        let text = try slip("print_reversal_receipt", RegisterTests.reversal)
        #expect(text.contains("BON FISCAL DE STORNARE\nBON INIȚIAL: 0000001 DIN 2026-04-26\nEspresso\n"))
    }

    @Test("commands no terminal and keeps to its width") func printable() throws {
        let text = try slip("non_fiscal_receipt", #"{"lines":["a\u001b[2Jb\nc"],"header":"salut"}"#)
        #expect(text.contains("salut\na [2Jb c\n"))
        #expect(Slip.printable(String(repeating: "x", count: 100)).map(\.count) == [48, 48, 4])
    }

    @Test(
        "tells the time of Bucharest",
        arguments: [
            ("2026-03-29T00:59:59.000Z", "29.03.2026", "02:59:59"),
            ("2026-03-29T01:00:00.000Z", "29.03.2026", "04:00:00"),
            ("2026-10-25T00:59:59.000Z", "25.10.2026", "03:59:59"),
            ("2026-10-25T01:00:00.000Z", "25.10.2026", "03:00:00"),
            ("2026-12-31T22:30:00.000Z", "01.01.2027", "00:30:00"),
            ("2024-03-31T01:00:00.000Z", "31.03.2024", "04:00:00"),
        ])
    func bucharest(_ moment: String, _ date: String, _ time: String) throws {
        let local = BucharestTime(try #require(Timestamp(moment)))
        #expect(local.date == date)
        #expect(local.time == time)
    }
}
