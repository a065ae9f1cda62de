using CsCheck;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Tests.Memory;

public sealed class KiBTests
{
    [TestCase(12, "12 KiB")]
    [TestCase(1536, "1.5 MiB")]
    [TestCase(512 * 1024, "512 MiB")]
    [TestCase(12L * 1024 * 1024, "12 GiB")]
    [TestCase(-2048, "-2 MiB")]
    [TestCase(long.MinValue, "-8796093022208 GiB")]
    public void Size_is_written_with_its_unit(long kib, string text) =>
        Assert.That(new KiB(kib).ToString(), Is.EqualTo(text));

    [Test]
    public void Rounding_to_pages_goes_down_or_up_for_any_amount() => Gen.Long[-1L << 40, 1L << 40].Sample(kib =>
    {
        KiB size = new(kib);
        return size.FloorToPage() <= size && size - size.FloorToPage() < KiB.Page && size.FloorToPage().Value % 4 == 0
            && size.CeilingToPage() >= size && size.CeilingToPage() - size < KiB.Page;
    });
}

public sealed class SizeTextTests
{
    [TestCase("512m", 512L * 1024)]
    [TestCase("1.5g", 1536L * 1024)]
    [TestCase("64 MiB", 64L * 1024)]
    [TestCase("2T", 2L * 1024 * 1024 * 1024)]
    [TestCase("4096b", 4L)]
    [TestCase("100kB", 100L)]
    [TestCase(" 7K ", 7L)]
    [TestCase("64t", 64L * 1024 * 1024 * 1024)]
    public void Sizes_with_a_unit_are_parsed(string text, long kib)
    {
        Assert.That(SizeText.TryParse(text, out KiB size, out _), Is.True);
        Assert.That(size, Is.EqualTo(new KiB(kib)));
    }

    [TestCase("512")]
    [TestCase("1.5")]
    public void Bare_number_is_refused_with_a_suggestion(string text)
    {
        Assert.That(SizeText.TryParse(text, out _, out string? error), Is.False);
        Assert.That(error, Does.Contain($"'{text}' has no unit").And.Contain($"{text}m"));
    }

    [TestCase("")]
    [TestCase("m")]
    [TestCase("-5m")]
    [TestCase("5 parsecs")]
    [TestCase("5mm")]
    [TestCase("5bb")]
    [TestCase("1..5m")]
    [TestCase("0x10m")]
    [TestCase("5m5")]
    public void Junk_is_refused(string text)
    {
        Assert.That(SizeText.TryParse(text, out _, out string? error), Is.False);
        Assert.That(error, Does.Contain("is not a size"));
    }

    [Test]
    public void Size_beyond_any_machine_is_refused() =>
        Assert.That(SizeText.TryParse("99999999999999999999t", out _, out _), Is.False);
}
