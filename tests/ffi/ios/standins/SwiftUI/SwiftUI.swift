// A stand-in for the part of SwiftUI that the sample uses, written by hand from its documentation.
// A use that does not fit it is found; an error in it is not.

@_exported import Foundation
@_exported import Observation

// MARK: What views are made of

@MainActor @preconcurrency
public protocol View {
    associatedtype Body: View
    @ViewBuilder var body: Body { get }
}

extension Never: View {
    public var body: Never { fatalError("a stand-in") }
}

/// A view of the system.
public protocol SystemView: View where Body == Never {}

extension SystemView {
    public var body: Never { fatalError("a stand-in") }
}

extension Optional: View where Wrapped: View {
    public var body: Never { fatalError("a stand-in") }
}

public struct EmptyView: SystemView {}

public struct Pair<First: View, Second: View>: SystemView {}

@resultBuilder
public enum ViewBuilder {
    public static func buildBlock() -> EmptyView { fatalError("a stand-in") }
    public static func buildExpression<Content: View>(_ content: Content) -> Content { content }
    public static func buildPartialBlock<Content: View>(first: Content) -> Content { first }
    public static func buildPartialBlock<First: View, Second: View>(
        accumulated: First, next: Second
    ) -> Pair<First, Second> { fatalError("a stand-in") }
    public static func buildIf<Content: View>(_ content: Content?) -> Content? { content }
    public static func buildEither<First: View, Second: View>(
        first: First
    ) -> Pair<First, Second> { fatalError("a stand-in") }
    public static func buildEither<First: View, Second: View>(
        second: Second
    ) -> Pair<First, Second> { fatalError("a stand-in") }
}

// MARK: The app

@MainActor @preconcurrency
public protocol Scene {
    associatedtype Body: Scene
    @SceneBuilder var body: Body { get }
}

extension Never: Scene {}

@resultBuilder
public enum SceneBuilder {
    public static func buildBlock<Content: Scene>(_ content: Content) -> Content { content }
}

public struct WindowGroup<Content: View>: Scene {
    public init(@ViewBuilder content: () -> Content) {}

    public var body: Never { fatalError("a stand-in") }
}

@MainActor @preconcurrency
public protocol App {
    associatedtype Body: Scene
    @SceneBuilder var body: Body { get }
    init()
}

extension App {
    public static func main() {}
}

public enum ScenePhase: Comparable, Sendable { case background, inactive, active }

public struct EnvironmentValues {
    public var scenePhase: ScenePhase { fatalError("a stand-in") }
}

@MainActor @preconcurrency @propertyWrapper
public struct Environment<Value> {
    public init(_ keyPath: KeyPath<EnvironmentValues, Value>) {}

    public var wrappedValue: Value { fatalError("a stand-in") }
}

// MARK: State

@MainActor @preconcurrency @propertyWrapper
public struct State<Value> {
    public init(wrappedValue: Value) {}
    public init(initialValue: Value) {}

    public var wrappedValue: Value {
        get { fatalError("a stand-in") }
        nonmutating set { fatalError("a stand-in") }
    }
    public var projectedValue: Binding<Value> { fatalError("a stand-in") }
}

extension State where Value: ExpressibleByNilLiteral {
    public init() { fatalError("a stand-in") }
}

@MainActor @preconcurrency @propertyWrapper
public struct Binding<Value> {
    public init(projectedValue: Binding<Value>) {}

    public static func constant(_ value: Value) -> Binding<Value> { fatalError("a stand-in") }

    public var wrappedValue: Value {
        get { fatalError("a stand-in") }
        nonmutating set { fatalError("a stand-in") }
    }
}

// MARK: Views

public struct Text: SystemView {
    public enum DateStyle: Sendable { case time, date }

    public init<Words: StringProtocol>(_ words: Words) {}
    public init(_ date: Date, style: DateStyle) {}

    public func bold() -> Text { self }
    public func font(_ font: Font?) -> Text { self }
    public func monospaced() -> Text { self }
}

public struct Font: Sendable {
    public static var caption: Font { Font() }
    public static var caption2: Font { Font() }
    public static var footnote: Font { Font() }
}

public struct Image: SystemView {
    public init(systemName: String) {}
}

public struct ProgressView: SystemView {
    public init() {}
}

public struct ContentUnavailableView: SystemView {
    public init(_ title: String, systemImage: String, description: Text?) {}
}

public struct Group<Content: View>: SystemView {
    public init(@ViewBuilder content: () -> Content) {}
}

public struct Form<Content: View>: SystemView {
    public init(@ViewBuilder content: () -> Content) {}
}

public struct Section<Content: View>: SystemView {
    public init(_ title: String, @ViewBuilder content: () -> Content) {}
}

public struct VStack<Content: View>: SystemView {
    public init(
        alignment: HorizontalAlignment = .center, spacing: CGFloat? = nil,
        @ViewBuilder content: () -> Content
    ) {}
}

public struct LazyVStack<Content: View>: SystemView {
    public init(
        alignment: HorizontalAlignment = .center, spacing: CGFloat? = nil,
        @ViewBuilder content: () -> Content
    ) {}
}

public struct HStack<Content: View>: SystemView {
    public init(@ViewBuilder content: () -> Content) {}
}

public enum HorizontalAlignment: Sendable { case leading, center, trailing }

public enum Axis: Sendable { case horizontal, vertical }

public struct ScrollView<Content: View>: SystemView {
    public init(@ViewBuilder content: () -> Content) {}
}

public struct NavigationStack<Root: View>: SystemView {
    public init(@ViewBuilder root: () -> Root) {}
}

public struct NavigationLink<Label: View, Destination: View>: SystemView {}

extension NavigationLink where Destination == Never {
    public init<Value: Hashable>(value: Value?, @ViewBuilder label: () -> Label) {}
}

extension NavigationLink where Label == Text {
    public init(_ title: String, @ViewBuilder destination: () -> Destination) {}
}

public struct List<Content: View>: SystemView {
    public init<Data: RandomAccessCollection, Row: View>(
        _ data: Data, @ViewBuilder rowContent: @escaping (Data.Element) -> Row
    ) where Data.Element: Identifiable, Content == ForEach<Data, Row> {}
}

public struct ForEach<Data: RandomAccessCollection, Content: View>: SystemView {
    public init(_ data: Data, @ViewBuilder content: @escaping (Data.Element) -> Content)
    where Data.Element: Identifiable {}
}

public struct LabeledContent<Label: View, Content: View>: SystemView {
    public init(@ViewBuilder content: () -> Content, @ViewBuilder label: () -> Label) {}
}

extension LabeledContent where Label == Text, Content == Text {
    public init<Value: StringProtocol>(_ title: String, value: Value) {}
}

public enum ButtonRole: Sendable { case cancel, destructive }

public struct Button: SystemView {
    public init(_ title: String, action: @escaping @MainActor () -> Void) {}
    public init(_ title: String, role: ButtonRole?, action: @escaping @MainActor () -> Void) {}
    public init(_ title: String, systemImage: String, action: @escaping @MainActor () -> Void) {}
}

public struct TextField: SystemView {
    public init(_ title: String, text: Binding<String>) {}
    public init(_ title: String, text: Binding<String>, axis: Axis) {}
}

public struct SecureField: SystemView {
    public init(_ title: String, text: Binding<String>) {}
}

// MARK: Modifiers

public enum VerticalEdge: Sendable { case top, bottom }

public struct UnitPoint: Sendable {
    public static var bottom: UnitPoint { UnitPoint() }
}

public struct Material: Sendable {
    public static var thinMaterial: Material { Material() }
}

public struct Capsule: Sendable {
    public static var capsule: Capsule { Capsule() }
}

public struct Color: Sendable {
    public static var red: Color { Color() }
    public static var secondary: Color { Color() }
}

public struct TextInputAutocapitalization: Sendable {
    public static var never: TextInputAutocapitalization { TextInputAutocapitalization() }
}

public struct TextSelectability: Sendable {
    public static var enabled: TextSelectability { TextSelectability() }
}

extension View {
    public func task(
        @_inheritActorContext _ action: @escaping @Sendable () async -> Void
    ) -> some View { self }

    public func onChange<Value: Equatable>(
        of value: Value, initial: Bool = false, _ action: @escaping (Value, Value) -> Void
    ) -> some View { self }

    public func onChange<Value: Equatable>(
        of value: Value, initial: Bool = false, _ action: @escaping () -> Void
    ) -> some View { self }

    public func onDisappear(perform action: (() -> Void)? = nil) -> some View { self }

    public func navigationTitle(_ title: String) -> some View { self }

    public func navigationDestination<Value: Hashable, Destination: View>(
        for type: Value.Type, @ViewBuilder destination: @escaping (Value) -> Destination
    ) -> some View { self }

    public func safeAreaInset<Content: View>(
        edge: VerticalEdge, @ViewBuilder content: () -> Content
    ) -> some View { self }

    public func toolbar<Content: View>(@ViewBuilder content: () -> Content) -> some View { self }

    public func alert<Actions: View>(
        _ title: String, isPresented: Binding<Bool>, @ViewBuilder actions: () -> Actions
    ) -> some View { self }

    public func alert<Actions: View, Message: View>(
        _ title: String, isPresented: Binding<Bool>, @ViewBuilder actions: () -> Actions,
        @ViewBuilder message: () -> Message
    ) -> some View { self }

    public func contextMenu<Items: View>(@ViewBuilder menuItems: () -> Items) -> some View { self }

    public func swipeActions<Items: View>(@ViewBuilder content: () -> Items) -> some View { self }

    public func background(_ material: Material, in shape: Capsule) -> some View { self }
    public func foregroundStyle(_ color: Color) -> some View { self }
    public func font(_ font: Font?) -> some View { self }
    public func lineLimit(_ number: Int?) -> some View { self }
    public func padding(_ length: CGFloat) -> some View { self }
    public func padding() -> some View { self }
    public func disabled(_ isDisabled: Bool) -> some View { self }
    public func monospaced() -> some View { self }
    public func accessibilityLabel(_ label: String) -> some View { self }
    public func defaultScrollAnchor(_ anchor: UnitPoint?) -> some View { self }
    public func textInputAutocapitalization(
        _ capitalization: TextInputAutocapitalization?
    ) -> some View { self }
    public func autocorrectionDisabled() -> some View { self }
    public func textSelection(_ selectability: TextSelectability) -> some View { self }
}
