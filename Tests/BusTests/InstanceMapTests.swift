import EventLoop
import Models
import Testing

@testable import Bus

@Suite("The map of instances") @Loop struct InstanceMapTests {
    private let start = LoopInstant(nanoseconds: 0)

    @Test("forgets who has been silent for more than three seconds")
    func expiry() {
        let map = InstanceMap()
        map.seen(instance("old"), at: start)
        map.seen(instance("young"), at: start + .seconds(1))
        #expect(!map.expire(at: start + .seconds(3)))
        #expect(map.instances(of: .gateway).map(\.id) == ["old", "young"])
        #expect(map.expire(at: start + .milliseconds(3001)))
        #expect(map.instances(of: .gateway).map(\.id) == ["young"])
    }

    @Test("picks the less busy of two, by what it reports and what waits for it, and a suspect last")
    func pick() {
        let map = InstanceMap()
        map.seen(instance("a", load: 3), at: start)
        map.seen(instance("b", load: 2), at: start)
        #expect(picked(map) == "b")
        map.peer(.gateway, "b")?.inFlight = 5
        #expect(picked(map) == "a")
        map.peer(.gateway, "a")?.isSuspect = true
        #expect(picked(map) == "b")
        map.seen(instance("a", load: 3), at: start)
        #expect(picked(map) == "a")
    }

    @Test("leaves out the one that was tried, and knows nobody of another service")
    func exclusion() {
        let map = InstanceMap()
        map.seen(instance("a"), at: start)
        var generator = SystemRandomNumberGenerator()
        #expect(map.pick(.gateway, except: "a", using: &generator) == nil)
        #expect(map.pick(.orgLocations, using: &generator) == nil)
    }

    @Test("holds no more instances than its limit")
    func limit() {
        let map = InstanceMap()
        for number in 0...InstanceMap.limit { map.seen(instance("\(number)"), at: start) }
        #expect(map.instances(of: .gateway).count == InstanceMap.limit)
        map.forget(.gateway, "0")
        map.seen(instance("last"), at: start)
        #expect(map.peer(.gateway, "last") != nil)
    }

    @Test(
        "reads announcements, and nothing from what is none",
        arguments: [
            "", "{", "[]", #"{"service":"gateway"}"#, #"{"service":"unknown","id":"a"}"#, #"{"service":1,"id":"a"}"#,
        ])
    func announcements(text: String) throws {
        #expect(Instance.announcement(Array(text.utf8)) == nil)
        let instance = Instance(service: .gateway, id: "a", address: "h:1", load: 7)
        #expect(Instance.announcement(instance.json())?.instance == instance)
        #expect(Instance.announcement(instance.json(leaving: true))?.isLeaving == true)
        for load in ["9223372036854775807", "-9223372036854775808", "1e300", "0.5", "null"] {
            let text = #"{"service":"gateway","id":"a","load":\#(load)}"#
            #expect((0...1 << 20).contains(try #require(Instance.announcement(Array(text.utf8))).instance.load))
        }
    }

    private func instance(_ id: String, load: Int = 0) -> Instance { Instance(service: .gateway, id: id, load: load) }

    private func picked(_ map: InstanceMap) -> String? {
        var generator = SystemRandomNumberGenerator()
        return map.pick(.gateway, using: &generator)?.instance.id
    }
}

@Suite("The ids seen lately") struct RecentIdentifiersTests {
    @Test("hold the last ones of their capacity, and forget older ones")
    func capacity() {
        var recent = RecentIdentifiers(capacity: 100)
        let inserted = (0..<1000).map { recent.insert("\($0)") }
        #expect(inserted.allSatisfy { $0 })
        let again = (900..<1000).map { recent.insert("\($0)") }
        #expect(!again.contains(true))
        let forgotten = recent.insert("0")
        #expect(forgotten)
        for id in ["950", "0"] {
            recent.remove(id)
            let isNew = recent.insert(id)
            #expect(isNew)
        }
    }
}
