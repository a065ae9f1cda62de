using XenBalloon.Core.Memory;
using XenBalloon.Xen.Reports;

namespace XenBalloon.Xen.Tests;

/// <summary>What Qubes' own tests say of <c>memory/meminfo</c>: one decimal number of KiB, or nothing.</summary>
public sealed class QubesVectorTests
{
    [TestCase("4096", 4096L)]
    [TestCase("", null)]
    [TestCase("a4096", null)]
    [TestCase("4096a", null)]
    [TestCase("4096 1024", null)]
    [TestCase("4096\n1024", null)]
    public void A_report_is_one_number_or_none(string text, long? used) =>
        Assert.That(QubesReport.Parse(text, new KiB(1 << 20))?.Used.Value, Is.EqualTo(used));
}
