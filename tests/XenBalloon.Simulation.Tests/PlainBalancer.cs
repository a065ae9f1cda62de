using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Hosts;

namespace XenBalloon.Simulation.Tests;

/// <summary>
/// The plainest balancer that is not blind: what each guest uses and some more, growth only out of what is free. It shows what a scenario asks for,
/// not what a good policy is.
/// </summary>
internal static class PlainBalancer
{
    private static readonly KiB Slack = KiB.FromMiB(64);
    private static readonly KiB KernelOverhead = KiB.FromMiB(96);
    private static readonly KiB DeadBand = KiB.FromMiB(16);

    /// <summary>Balances for this long, once a second.</summary>
    public static void Balance(VirtualHost host, int seconds)
    {
        for (int second = 0; second < seconds; second++)
        {
            Step(host.Host);
            host.Run(1);
        }
    }

    private static void Step(SimulatedHost host)
    {
        HostSnapshot snapshot = host.Observe();
        KiB spare = snapshot.Free - Slack;
        foreach (DomainSnapshot domain in snapshot.Domains) spare -= KiB.Max(KiB.Zero, (domain.Target ?? domain.Actual) - domain.Actual);
        foreach (DomainSnapshot domain in snapshot.Domains)
        {
            if (domain.Report is not { } report || domain.Target is not { } target) continue;

            // Of the report, not of what it has now: while a balloon moves, the two are of different moments.
            KiB used = report.Used + KernelOverhead;
            KiB wanted = used + used.Times(0.3);
            KiB growth = KiB.Max((wanted - target).Times(wanted < target ? 0.25 : 1), target.Times(-0.1));
            growth = KiB.Min(growth, KiB.Max(KiB.Zero, spare)).FloorToPage();
            if (growth < DeadBand && growth > -DeadBand) continue;
            if (growth > KiB.Zero) spare -= growth;
            host.Execute(new HostCommand(HostCommandKind.SetMaxMem, domain.Identity, target + growth + KiB.FromMiB(2)));
            host.Execute(new HostCommand(HostCommandKind.SetTarget, domain.Identity, target + growth));
        }
    }
}
