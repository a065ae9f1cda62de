namespace XenBalloon.RigBenchmarks;

/// <summary>A stretch of a scenario: what each of the three guests has to do, and whose work counts.</summary>
/// <param name="Seconds">By the host's clock.</param>
/// <param name="Jobs">An order for each guest, as tests/rig/guest/jobs.c reads it.</param>
/// <param name="Hot">Whose work is measured.</param>
internal sealed record Phase(int Seconds, IReadOnlyList<string> Jobs, IReadOnlyList<int> Hot);

/// <summary>What three guests go through.</summary>
/// <param name="Name">As it is asked for.</param>
/// <param name="SizesMiB">What each guest holds at first; the rest of <see cref="Scenarios.AllMiB"/> is free.</param>
/// <param name="Phases">In order.</param>
internal sealed record Scenario(string Name, IReadOnlyList<int> SizesMiB, IReadOnlyList<Phase> Phases)
{
    /// <summary>
    /// All phases are the same but for who is hot: what is to be had without moving memory is measured in the first,
    /// and for no longer than it takes to see how it goes on.
    /// </summary>
    public bool Symmetric { get; init; }

    /// <summary>Who lies that it needs all there is, instead of reporting.</summary>
    public int? Liar { get; init; }

    /// <summary>The third guest has no swap.</summary>
    public bool Swapless { get; init; }

    /// <summary>A domain of so many MiB is to be started when the first phase begins.</summary>
    public int? StartMiB { get; init; }

    /// <summary>Who moves memory beside us, to compare with.</summary>
    public required IReadOnlyList<Mover> Compared { get; init; }

    /// <summary>With which reports, where nobody says: time is short.</summary>
    public IReadOnlyList<Reports> Heard { get; init; } = [Reports.Second, Reports.Agent];

    /// <summary>What is gone through.</summary>
    /// <param name="reports">The reports that somebody named; null for the usual.</param>
    public IReadOnlyList<Run> Runs(IReadOnlyList<Reports>? reports) =>
    [
        .. Compared.Select(mover => new Run(this, mover, Reports.Second)),
        .. (reports ?? Heard).Select(r => new Run(this, Mover.Ours, r)),
    ];
}
