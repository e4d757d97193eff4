import Testing

@testable import OrgLocations

@Suite("An organization's id") struct OrganizationSlugTests {
    @Test(
        "is made of its name's letters and digits, without the legal form",
        arguments: [
            ("Acme Corp SRL", "acme_corp"), ("Ștefan & Fiii S.R.L.", "stefan_fiii"),
            ("SC Brutăria Țării SA", "brutaria_tarii"),
            ("Pâine și Îngheţată ş.a. 24/7", "paine_si_inghetata_sa_24_7"), ("s\u{326}apte", "sapte"),
            ("Kovács Őrző Bt.", "kovacs_orzo_bt"), ("Straße Übermut GmbH", "strasse_ubermut_gmbh"),
            ("Inovația SRL-D", "inovatia"), ("SRL", "srl"), ("  a  b  ", "a_b"), ("O'Hara’s", "oharas"),
            ("Ельцин", "org"), ("!!!", "org"), ("__", "org"), ("🦊 Fox", "fox"), ("ＡＢＣ 1", "1"),
            (String(repeating: "a", count: 255), String(repeating: "a", count: 48)),
            (String(repeating: "a", count: 47) + " b", String(repeating: "a", count: 47)),
        ])
    func plain(_ name: String, _ slug: String) {
        #expect(OrganizationSlug(name: name).plain == slug)
    }

    @Test("always has a shape that keys and the database take, whatever is tried")
    func candidates() {
        for name in ["Acme", "!", String(repeating: "Ă b ", count: 60)] {
            for candidate in OrganizationSlug(name: name).candidates {
                #expect(candidate.wholeMatch(of: /[a-z0-9]+(_[a-z0-9]+)*/) != nil)
                #expect(candidate.utf8.count <= 63)
            }
        }
    }
}
