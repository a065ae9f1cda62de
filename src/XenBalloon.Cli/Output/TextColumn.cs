namespace XenBalloon.Cli.Output;

/// <summary>A column of a <see cref="TextTable"/>.</summary>
/// <param name="Header">Its first line.</param>
/// <param name="IsNumber">Whether its cells stand at its right edge.</param>
/// <param name="Expendable">The higher, the sooner it is left out where there is no room; 0 for never.</param>
internal sealed record TextColumn(string Header, bool IsNumber, int Expendable);
