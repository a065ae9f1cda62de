using System.Globalization;
using CsCheck;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Xen.Domains;
using XenBalloon.Xen.Store;

namespace XenBalloon.Xen.Tests;

/// <summary>Parsers of what guests write, as properties: any input gives a possible result or none.</summary>
internal sealed class ParserTests
{
    private static readonly Gen<string?> Digits = Gen.Long[0, 9_999_999_999_999_999]
        .Select(number => (string?)number.ToString(CultureInfo.InvariantCulture));

    private static readonly Gen<string?> Hostile = Gen.OneOf(
        Digits,
        Digits.Select(digits => (string?)(digits + "\0")),
        Digits.Select(digits => (string?)("-" + digits)),
        Digits.Select(digits => (string?)(" " + digits)),
        Digits.Select(digits => (string?)(digits + "\n")),
        Gen.String[Gen.Char["0123456789+-., eExX\0\n\u0661\u00b2"], 0, 20].Select(text => (string?)text),
        Gen.String.Select(text => (string?)text),
        Gen.Const((string?)null));

    private static readonly Gen<KiB> Maximum = Gen.Long[0, 1L << 40].Select(kib => new KiB(kib));

    [Test]
    public void Size_is_one_to_fifteen_digits_and_nothing_else() => Hostile.Sample(
        text => DecimalText.ToSize(text) is { } size
            ? text is { Length: >= 1 and <= 15 } && text.All(char.IsAsciiDigit)
                && size.Value == long.Parse(text, CultureInfo.InvariantCulture)
            : text is null || text.Length is 0 or > 15 || !text.All(char.IsAsciiDigit),
        iter: 20_000);

    [Test]
    public void Formatted_size_is_parsed_back() => Gen.Long[0, 999_999_999_999_999].Sample(
        kib => DecimalText.ToSize(DecimalText.FromSize(new KiB(kib))) == new KiB(kib));

    [Test]
    public void XenServer_report_is_possible_or_none() => Gen.Select(Hostile, Hostile, Maximum).Sample(
        (total, available, maximum) => XenServerReport.Parse(total, available, maximum) is not { } report
            || (report.Source == ReportSource.XenServer && report.Used >= KiB.Zero
                && report.Total is { } all && report.Used <= all && all <= maximum),
        iter: 20_000);

    [Test]
    public void Qubes_report_is_possible_or_none() => Gen.Select(Hostile, Maximum).Sample(
        (used, maximum) => QubesReport.Parse(used, maximum) is not { } report
            || (report.Source == ReportSource.Qubes && report.Used >= KiB.Zero && report.Used <= maximum
                && report.Total is null),
        iter: 20_000);

    [Test]
    public void Valid_report_is_parsed_unchanged() => Gen.Select(Gen.Long[1, 1L << 40], Gen.Double[0, 1]).Sample(
        (total, part) =>
        {
            long available = (long)(total * part);
            ReportedMemory? report = XenServerReport.Parse($"{total}", $"{available}", new KiB(total));
            return report == new ReportedMemory(ReportSource.XenServer, new KiB(total - available), new KiB(total));
        });

    [Test]
    public void More_available_than_total_memory_gives_no_report() =>
        Assert.That(XenServerReport.Parse("1000", "1001", new KiB(5000)), Is.Null);

    [Test]
    public void Zero_memory_gives_no_report()
    {
        Assert.That(XenServerReport.Parse("0", "0", new KiB(5000)), Is.Null);
        Assert.That(QubesReport.Parse("0", new KiB(5000)), Is.Null);
    }

    // The cases of Qubes' own tests of memory/meminfo.
    [TestCase("4096", 4096L)]
    [TestCase("", null)]
    [TestCase("a4096", null)]
    [TestCase("4096a", null)]
    [TestCase("4096 1024", null)]
    [TestCase("4096\n1024", null)]
    public void Qubes_report_is_one_number_or_none(string text, long? used) =>
        Assert.That(QubesReport.Parse(text, new KiB(1 << 20))?.Used.Value, Is.EqualTo(used));

    [TestCase("/vm/6a5e0a3c-0000-4000-8000-00000000abcd", true)]
    [TestCase("/vm/6A5E0A3C-0000-4000-8000-00000000ABCD", true)]
    [TestCase("/vm/6a5e0a3c-0000-4000-8000-00000000abcd-1", true)]
    [TestCase("/vm/6a5e0a3c-0000-4000-8000-00000000abcd-12", true)]
    [TestCase("/vm/6a5e0a3c-0000-4000-8000-00000000abcd-", false)]
    [TestCase("/vm/6a5e0a3c-0000-4000-8000-00000000abcd-1x", false)]
    [TestCase("/vm/6a5e0a3c-0000-4000-8000-00000000abcd1", false)]
    [TestCase("/vm/6a5e0a3c-0000-4000-8000-00000000abce", false)]
    [TestCase("/vm/6a5e0a3c-0000-4000-8000-00000000abc", false)]
    [TestCase("6a5e0a3c-0000-4000-8000-00000000abcd", false)]
    [TestCase("/vm/", false)]
    [TestCase("", false)]
    public void Vm_path_matches_one_uuid(string path, bool matches) =>
        Assert.That(VmPath.Matches(path, Guid.Parse("6a5e0a3c-0000-4000-8000-00000000abcd")), Is.EqualTo(matches));
}
