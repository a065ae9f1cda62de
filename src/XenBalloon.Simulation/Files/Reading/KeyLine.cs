using System.Collections.Immutable;

namespace XenBalloon.Simulation.Files.Reading;

/// <summary>One key of a section with its value, which may go on over several lines.</summary>
/// <param name="Name">The key.</param>
/// <param name="Text">The first line of the value as it was written, without the blank space around it.</param>
/// <param name="ValueAt">Where the value begins.</param>
/// <param name="Tokens">The value's words and signs.</param>
/// <param name="End">Where the value ends.</param>
internal sealed record KeyLine(Token Name, string Text, Place ValueAt, ImmutableArray<Token> Tokens, Place End);
