import Crypto
import EventLoop
import FoundationEssentials
import Glibc
import Models

/// The only place that starts, observes and stops a process.
package enum ServiceMain {
    /// Runs a process from its configuration to its exit; the whole body of an `@main` type's `main`.
    ///
    /// `build` wires the components; they are started in the order of the array and stopped in reverse on SIGTERM or
    /// SIGINT, within `DRAIN_TIMEOUT` (30 s).
    ///
    /// Exit codes: 0 after an orderly stop; 1 when a start fails, a component gives up, the drain takes too long or a
    /// second signal comes; 78 when the environment is wrong, which `--check-config` only looks at.
    package static func run<Settings: Configuration>(
        _ service: String, _ configuration: Settings.Type,
        _ build: @escaping @Loop @Sendable (Settings, Runtime) async throws -> [Component]
    ) async -> Never {
        var reader = EnvironmentReader(ProcessInfo.processInfo.environment)
        let settings = RuntimeSettings(from: &reader)
        let configuration = Settings(from: &reader)
        let isCheck = CommandLine.arguments.contains("--check-config")
        do throws(ConfigurationError) {
            try reader.finish()
        } catch {
            if isCheck {
                for problem in error.problems { print("\(problem.name) \(problem.text)") }
            } else {
                Log.configure(service: service, instance: settings.instance ?? "", level: .info)
                Log.error("wrong configuration: \(error)")
            }
            leave(.configuration)
        }
        if isCheck {
            print("ok")
            leave(.success)
        }
        let instance = settings.instance ?? Random.identifier(prefix: service)
        Log.configure(service: service, instance: instance, level: settings.logLevel)
        let process = await ServiceProcess(service: service, instance: instance, settings: settings)
        leave(await process.run { runtime in try await build(configuration, runtime) })
    }

    /// Runs a process of the system under its own name; see above.
    package static func run<Settings: Configuration>(
        _ service: ServiceName, _ configuration: Settings.Type,
        _ build: @escaping @Loop @Sendable (Settings, Runtime) async throws -> [Component]
    ) async -> Never {
        await run(service.rawValue, configuration, build)
    }

    /// Ends the process without running exit handlers, which would race with its other threads.
    static func leave(_ code: ExitCode) -> Never {
        Log.flush()
        fflush(nil)
        _exit(code.rawValue)
    }
}

/// What a process says to its supervisor when it ends.
enum ExitCode: Int32 {
    case success = 0
    case failure = 1
    /// `EX_CONFIG` of sysexits(3): starting again will not help.
    case configuration = 78
}
