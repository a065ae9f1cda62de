using CsCheck;
using XenBalloon.Cli.Toolstack;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Cli.Tests.Toolstack;

internal sealed class SavedDomainTests
{
    [Test]
    public void The_configuration_is_found_and_what_follows_is_not_touched()
    {
        byte[] saved = [.. SavedFile.Of(SavedFile.Configuration), 1, 2, 3];
        using var stream = new MemoryStream(saved);
        var read = new MemoryStream();

        DomainConfiguration domain = SavedDomain.Read(stream, "web.save", read);

        Assert.That((domain.Name, domain.Type, domain.Memory, domain.MaxMem), Is.EqualTo(("saved", DomainKind.Pv, KiB.FromMiB(96), KiB.FromMiB(160))));
        Assert.That(read.ToArray(), Is.EqualTo(saved[..^3]));
        Assert.That(stream.Position, Is.EqualTo(saved.Length - 3));
    }

    [Test]
    public void Cut_off_anywhere_it_is_refused_and_nothing_of_it_is_lost([Range(0, 300, 7)] int length)
    {
        byte[] cut = SavedFile.Of(SavedFile.Configuration)[..length];
        var read = new MemoryStream();

        Assert.That(() => SavedDomain.Read(new MemoryStream(cut), "web.save", read), Throws.TypeOf<ToolstackException>().With.Message.StartsWith("web.save "));
        Assert.That(read.ToArray(), Is.EqualTo(cut));
    }

    [Test]
    public void Whatever_is_changed_in_it_it_is_read_or_refused() => Gen.Select(Gen.Int[0, 300], Gen.Byte).Sample((at, value) =>
    {
        byte[] changed = SavedFile.Of(SavedFile.Configuration);
        changed[at] = value;
        try
        {
            SavedDomain.Read(new MemoryStream(changed), "web.save", new MemoryStream());
        }
        catch (ToolstackException)
        {
            // Which is all that may be thrown.
        }
    });

    [Test]
    public void One_of_before_Xen_4_5_is_refused_with_the_reason() => Assert.That(
        () => SavedDomain.Read(new MemoryStream(SavedFile.Of("name = 'old'", flags: 0)), "old.save", new MemoryStream()),
        Throws.TypeOf<ToolstackException>().With.Message.Contains("older than Xen 4.5"));
}
