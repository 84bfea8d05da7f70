import SwiftUI
import Whimbrel

/// The devices of the user, and a field for the code of a new one.
struct DevicesView: View {
    let client: any ChatClient

    @State private var list: DeviceList?
    @State private var code = ""
    @State private var request: LinkRequest?
    /// The code that the request is of.
    @State private var inspected = ""
    @State private var failure: String?

    var body: some View {
        Form {
            Section("Link a device") {
                TextField("Code that it shows", text: $code)
                    .disabled(request != nil)
                if let request {
                    LabeledContent("Both devices show", value: request.fingerprint)
                    Button("They do: link it") { answer { try await client.linkApprove(code: $0) } }
                    Button("They don't", role: .destructive) {
                        answer { try await client.linkRefuse(code: $0) }
                    }
                } else {
                    Button("Look") { look() }
                        .disabled(code.isEmpty)
                }
            }
            Section("Devices") {
                ForEach(list?.devices ?? []) { device in
                    LabeledContent(
                        device.isThisOne ? "This one" : String(device.id.prefix(8)),
                        value: "\(device.state)"
                    )
                    .swipeActions {
                        if !device.isThisOne {
                            Button("Remove", role: .destructive) {
                                run { try await client.revokeDevice(device.id) }
                            }
                        }
                    }
                }
            }
            if let failure { Text(failure).foregroundStyle(.red) }
        }
        .task { run {} }
    }

    private func look() {
        let shown = code
        run {
            request = try await client.linkInspect(code: shown)
            inspected = shown
        }
    }

    /// Answers the device that was looked at, whatever stands in the field by now.
    private func answer(_ work: @escaping @MainActor (String) async throws -> some Any) {
        let shown = inspected
        (request, code, inspected) = (nil, "", "")
        run { try await work(shown) }
    }

    /// Does something, and shows what the devices are then.
    private func run(_ work: @escaping @MainActor () async throws -> some Any) {
        Task { @MainActor in
            do {
                failure = nil
                _ = try await work()
                list = try await client.devices()
            } catch {
                failure = error.localizedDescription
            }
        }
    }
}

/// The safety number of somebody, to compare.
struct SafetyNumberView: View {
    let client: any ChatClient
    let user: String

    @State private var contact: Contact?
    @State private var failure: String?

    var body: some View {
        Form {
            if let contact {
                Text(contact.safetyNumber).monospaced()
                if contact.verified { Text("You have compared it.") }
                Button(contact.verified ? "It does not fit" : "We have compared it: it fits") {
                    run { try await client.setVerified(user, !contact.verified) }
                }
                if contact.identityChange != nil {
                    Text("\(contact.username) has, or announces, a new identity.")
                    Button("Accept it") { run { try await client.acceptIdentity(of: user) } }
                }
            }
            if let failure { Text(failure).foregroundStyle(.red) }
        }
        .task { run {} }
    }

    private func run(_ work: @escaping @MainActor () async throws -> Void) {
        Task { @MainActor in
            do {
                failure = nil
                try await work()
                contact = try await client.contact(user)
            } catch {
                failure = error.localizedDescription
            }
        }
    }
}
