namespace Holdfast;

/// <summary>An event's name together with the type of its one argument, declared once and used to emit and to listen.</summary>
/// <remarks>
/// The argument is written by the contract of <typeparamref name="T"/>, not of the value's run-time type: a base class with
/// <c>[JsonDerivedType]</c> keeps its discriminator. Usually a static field that both ends share.
/// </remarks>
/// <typeparam name="T">The type of the argument.</typeparam>
/// <param name="Name">The event's name as it stands on the wire. Reserved names throw where the event is used.</param>
public readonly record struct SocketEvent<T>(string Name);
