using XenBalloon.Simulation.Files.Reading;
using XenBalloon.Simulation.Loads;

namespace XenBalloon.Simulation.Files.Grammar.Loads;

/// <summary>A kind of load that begins with a word of its own.</summary>
/// <param name="Word">The word.</param>
/// <param name="Read">Reads what follows it.</param>
/// <param name="Write">Writes what follows it; null for a load of another kind.</param>
internal sealed record LoadKind(string Word, Func<ValueReader, Load> Read, Func<Load, string?> Write);
