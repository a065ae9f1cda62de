namespace XenBalloon.Daemon.Loop;

/// <summary>Looking at the host has failed too often in a row.</summary>
/// <param name="last">How it failed last.</param>
internal sealed class StepsFailedException(Exception last) : Exception("too many steps have failed", last);
