using XenBalloon.Core.Demand;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using static XenBalloon.Core.Tests.HostBuilder;

namespace XenBalloon.Core.Tests.Demand;

/// <summary>Which reports no kernel could have written.</summary>
public sealed class PlausibilityTests
{
    private static readonly KiB Total = KiB.FromMiB(900), Used = KiB.FromMiB(300), Beyond = KiB.FromMiB(901), Negative = new(-1), Huge = new((1L << 40) + 1);

    private static IEnumerable<TestCaseData> Sane()
    {
        yield return Case("nothing but what is used", Report(Used, null));
        yield return Case("all of it used", Report(Total, Total));
        yield return Case("more than is held now, while memory is on its way", Report(Used, KiB.FromMiB(2048)));
        yield return Case("swap that is full", With(new GuestVitals { SwapTotal = Beyond, SwapUsed = Beyond }));
        yield return Case("waiting all the time", With(new GuestVitals { MemorySome = 1, IoSome = 1 }));
        yield return Case("counters at zero", With(new GuestVitals { SwapIns = 0, MemorySomeTotal = TimeSpan.Zero }));
    }

    private static IEnumerable<TestCaseData> Insane()
    {
        yield return Case("less than nothing used", Report(Negative, Total));
        yield return Case("more used than there is", Report(Beyond, Total));
        yield return Case("more used than it can ever have", Report(KiB.FromMiB(2049), null));
        yield return Case("more than it can ever have", Report(Used, KiB.FromMiB(2049)));
        yield return Case("no memory at all", Report(KiB.Zero, KiB.Zero));
        yield return Case("more free than there is", With(new GuestVitals { Free = Beyond }));
        yield return Case("more anonymous than there is", With(new GuestVitals { Anonymous = Beyond }));
        yield return Case("more cache than there is", With(new GuestVitals { FileCache = Beyond }));
        yield return Case("more shared than there is", With(new GuestVitals { Shared = Beyond }));
        yield return Case("negative cache", With(new GuestVitals { FileCache = Negative }));
        yield return Case("more swapped than there is swap", With(new GuestVitals { SwapTotal = Used, SwapUsed = Used + new KiB(1) }));
        yield return Case("more swap than any machine has", With(new GuestVitals { SwapTotal = Huge }));
        yield return Case("waiting for more than all of its time", With(new GuestVitals { MemorySome = 1.01 }));
        yield return Case("waiting for less than none of its time", With(new GuestVitals { MemorySome = -0.01 }));
        yield return Case("waiting for what is no number", With(new GuestVitals { IoSome = double.NaN }));
        yield return Case("a negative count of swap-ins", With(new GuestVitals { SwapIns = -1 }));
        yield return Case("a negative time", With(new GuestVitals { MemorySomeTotal = TimeSpan.FromTicks(-1) }));
    }

    [TestCaseSource(nameof(Sane))]
    public void What_a_kernel_could_say_is_believed(GuestReport report) => Assert.That(Verdict(report), Is.EqualTo(ReportVerdict.Fresh));

    [TestCaseSource(nameof(Insane))]
    public void What_no_kernel_could_say_is_not_believed(GuestReport report) => Assert.That(Verdict(report), Is.EqualTo(ReportVerdict.Implausible));

    [Test]
    public void A_guest_that_says_what_cannot_be_keeps_what_it_has_and_is_told_of()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 2048).With(2, 256, 2048).WithFree(32).Reports(2, 250);
        host[1] = host[1] with { Report = Report(Negative, Total) with { ReceivedAt = host.Now } };
        Plan plan = host.Decide();
        Assert.That(CommandsOf(plan, 1), Is.Empty);
        Assert.That(Of(plan, 1).Reason.ToString(), Does.EndWith(": its report is unreadable or impossible"));
    }

    [Test]
    public void The_next_sane_word_is_believed_again()
    {
        HostBuilder host = new HostBuilder().With(1, 900, 2048).WithFree(32);
        host[1] = host[1] with { Report = Report(Negative, Total) with { ReceivedAt = host.Now } };
        host.Decide();
        Assert.That(Of(host.Passes(1).Reports(1, 300).Decide(), 1).Demand!.Value.Verdict, Is.EqualTo(ReportVerdict.Fresh));
    }

    private static ReportVerdict Verdict(GuestReport report)
    {
        HostBuilder host = new HostBuilder().With(1, 940, 2048).WithFree(32);
        host[1] = host[1] with { Report = report with { ReceivedAt = host.Now } };
        return Of(host.Decide(), 1).Demand!.Value.Verdict;
    }

    private static TestCaseData Case(string what, GuestReport report) => new TestCaseData(report).SetArgDisplayNames(what);

    private static GuestReport Report(KiB used, KiB? total) => new(ReportSource.Agent, used, total, TimeSpan.Zero);

    private static GuestReport With(GuestVitals vitals) => Report(Used, Total) with { Vitals = vitals };
}
