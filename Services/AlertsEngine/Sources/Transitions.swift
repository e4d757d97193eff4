import Models

/// What there is to say about a device of which `announced` was said before: what is cleared first, then what is raised.
///
/// An alert that stays is the one of the same type, though its time may move: paper that ran low and has since run out
/// is one piece of news.
func transitions(from announced: [Alert], to current: [Alert]) -> [DeviceAlertChanged] {
    let (before, now) = (Set(announced.map(\.type)), Set(current.map(\.type)))
    let cleared = announced.filter { !now.contains($0.type) }
    let raised = current.filter { !before.contains($0.type) }
    return cleared.map { DeviceAlertChanged(deviceId: $0.deviceId, alert: $0, state: .cleared) }
        + raised.map { DeviceAlertChanged(deviceId: $0.deviceId, alert: $0, state: .raised) }
}
