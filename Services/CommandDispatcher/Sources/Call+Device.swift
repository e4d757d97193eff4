import Bus
import JSON
import Models

extension Call {
    /// The device that the body names, be the rest of it as wrong as it may: whether it exists comes before that.
    var deviceInBody: DeviceID? {
        (try? JSON(parsing: request.body))?["deviceId"]?.string.map { DeviceID($0) }
    }
}
