import SwiftUI
import Whimbrel

/// Makes an account, or links this device to one that there is.
struct SignInView: View {
    let client: any ChatClient
    let isDone: () -> Void

    @State private var username = ""
    @State private var password = ""
    @State private var ticket: LinkTicket?
    @State private var failure: String?
    @State private var isBusy = false

    var body: some View {
        Form {
            Section("New account") {
                TextField("Name", text: $username)
                    .textInputAutocapitalization(.never)
                    .autocorrectionDisabled()
                SecureField("Password", text: $password)
                Button("Register") {
                    run { try await client.register(username: username, password: password) }
                }
            }
            Section("This is a further device") {
                if let ticket {
                    Text(ticket.qr).textSelection(.enabled)
                    LabeledContent("Both devices show", value: ticket.fingerprint)
                } else {
                    Button("Show a code") { link() }
                }
            }
            if let failure { Text(failure).foregroundStyle(.red) }
        }
        .disabled(isBusy)
    }

    private func link() {
        run {
            ticket = try await client.linkStart()
            isBusy = false
            while try await !isLinked() {}
        }
    }

    /// Waits to be linked; a pause of the app ends the wait, and not the linking.
    private func isLinked() async throws -> Bool {
        do {
            try await client.linkWait()
            return true
        } catch let error as WhimbrelError where error.code == .paused {
            try await Task.sleep(for: .seconds(1))
            return false
        }
    }

    private func run(_ work: @escaping @MainActor () async throws -> some Any) {
        isBusy = true
        failure = nil
        Task { @MainActor in
            defer { isBusy = false }
            do {
                _ = try await work()
                isDone()
            } catch {
                ticket = nil
                failure = error.localizedDescription
            }
        }
    }
}
