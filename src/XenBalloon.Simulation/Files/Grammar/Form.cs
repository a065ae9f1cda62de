using XenBalloon.Simulation.Files.Reading;

namespace XenBalloon.Simulation.Files.Grammar;

/// <summary>How a kind of value is read and written, both in one place so that they stay each other's inverse.</summary>
/// <typeparam name="T">What is read and written.</typeparam>
/// <param name="Read">Takes the value's words; where they are wrong it tells the reader, and what it returns means nothing.</param>
/// <param name="Write">The words again.</param>
internal sealed record Form<T>(Func<ValueReader, T> Read, Func<T, string> Write);
