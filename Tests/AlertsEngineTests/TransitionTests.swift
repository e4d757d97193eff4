import Models
import Testing

@testable import AlertsEngine

@Suite("A transition") struct TransitionTests {
    private func alert(_ type: AlertType, since detectedAt: Timestamp = "2026-04-09T08:00:00.000Z") -> Alert {
        Alert(
            type: type, severity: .warning, message: "", deviceId: "dev_1", deviceName: "POS 1", detectedAt: detectedAt)
    }

    private func changes(from before: [Alert], to now: [Alert]) -> [String] {
        transitions(from: before, to: now).map { "\($0.alert.type.rawValue) \($0.state.rawValue)" }
    }

    @Test("is an alert that came or went, those that went first")
    func differences() {
        #expect(changes(from: [], to: []) == [])
        #expect(changes(from: [], to: [alert("a"), alert("b")]) == ["a raised", "b raised"])
        #expect(changes(from: [alert("a"), alert("b")], to: [alert("b")]) == ["a cleared"])
        #expect(changes(from: [alert("b")], to: [alert("a")]) == ["b cleared", "a raised"])
    }

    @Test("is not that an alert's time moves")
    func moved() {
        #expect(changes(from: [alert("a")], to: [alert("a", since: "2026-04-09T09:00:00.000Z")]) == [])
    }

    @Test("back carries the alert as it was raised")
    func cleared() {
        let before = alert("a", since: "2026-04-09T07:00:00.000Z")
        #expect(transitions(from: [before], to: []).map(\.alert) == [before])
    }
}
