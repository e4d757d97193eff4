import Testing

@testable import Gateway

@Suite("The frame budget of a device") struct FrameBudgetTests {
    @Test("lets 500 frames pass in one second and refuses the next")
    func burst() {
        var budget = FrameBudget()
        for _ in 1...500 {
            let passed = budget.spend(at: 7)
            #expect(passed)
        }
        let passed = budget.spend(at: 7)
        #expect(!passed)
    }

    @Test("lets 50 frames a second pass for as long as one likes")
    func steady() {
        var budget = FrameBudget()
        for second in Int64(0)..<60 {
            for _ in 1...50 {
                let passed = budget.spend(at: second)
                #expect(passed)
            }
        }
    }

    @Test("refuses the 51st frame of a second when the nine before it were full")
    func oneTooMany() {
        var budget = FrameBudget()
        for second in Int64(100)..<110 {
            for _ in 1...50 {
                let passed = budget.spend(at: second)
                #expect(passed)
            }
        }
        let passed = budget.spend(at: 109)
        #expect(!passed)
    }

    @Test("forgets what is ten seconds old", arguments: [Int64(10), 25, 100_000])
    func forgets(pause: Int64) {
        var budget = FrameBudget()
        for _ in 1...500 { _ = budget.spend(at: 1_000) }
        let passed = budget.spend(at: 1_000 + pause)
        #expect(passed)
    }
}
