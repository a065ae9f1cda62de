using System.Diagnostics;
using XenBalloon.Bus.Interfaces;
using XenBalloon.Cli.Output;
using XenBalloon.CommandLine;

namespace XenBalloon.Cli.Reserving;

/// <summary>Tells a person how a reservation comes along: what is new, every few seconds, on standard error; and nothing of one that is ready at once.</summary>
internal sealed class ReservationProgress(Terminal terminal)
{
    private static readonly TimeSpan Spacing = TimeSpan.FromSeconds(3);

    private string? said;
    private long saidAt;

    /// <summary>How it stands now.</summary>
    internal void Show(ReservationStatus now)
    {
        if (now.IsGathering && (said is null || Stopwatch.GetElapsedTime(saidAt) >= Spacing)) Say(now);
    }

    /// <summary>How it stands in the end, for who saw it gather.</summary>
    internal void End(ReservationStatus now)
    {
        if (said is not null) Say(now);
    }

    private void Say(ReservationStatus now)
    {
        string line = ReservationText.Progress(now, DateTimeOffset.UtcNow);
        if (line != said) terminal.Error.WriteLine(line);
        (said, saidAt) = (line, Stopwatch.GetTimestamp());
    }
}
