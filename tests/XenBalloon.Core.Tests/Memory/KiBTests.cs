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
    public void A_size_says_its_unit(long kib, string text) => Assert.That(new KiB(kib).ToString(), Is.EqualTo(text));

    [Test]
    public void Rounding_to_pages_goes_the_way_it_says_for_any_amount() => Gen.Long[-1L << 40, 1L << 40].Sample(kib =>
    {
        KiB size = new(kib);
        return size.FloorToPage() <= size && size - size.FloorToPage() < KiB.Page && size.FloorToPage().Value % 4 == 0
            && size.CeilingToPage() >= size && size.CeilingToPage() - size < KiB.Page;
    });
}
