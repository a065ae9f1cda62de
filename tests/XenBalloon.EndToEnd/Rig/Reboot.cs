using System.Globalization;
using System.Text;

namespace XenBalloon.EndToEnd.Rig;

/// <summary>A reboot of a shrunk guest: its target and the memory that it held, MiB, before and after.</summary>
internal sealed record Reboot(
    Guest Guest,
    GuestKind Kind,
    RebootBy By,
    SizeMiB Before,
    SizeMiB AtCreation,
    SizeMiB After)
{
    /// <summary>
    /// Reboots a guest, and waits until it works again and the daemon shows its boot memory, which exceeds its size.
    /// </summary>
    public static async Task<Reboot> OfAsync(Guest guest, GuestKind kind, RebootBy by, int bootMiB)
    {
        var before = await SizeMiB.OfAsync(guest);
        var returned = await guest.RebootAsync(by);
        var created = await SizeMiB.OfAsync(returned);
        await returned.BootedAsync();
        await Poll.UntilAsync($"the boot memory of {guest.Name} is remembered", async () =>
            await Daemon.KiBAsync(guest.Host, returned, "BootMemory") == bootMiB * 1024L);
        return new Reboot(returned, kind, by, before, created, await SizeMiB.OfAsync(returned));
    }

    public static string Table(IEnumerable<Reboot> reboots)
    {
        var text = new StringBuilder("MiB: target/held\n  kind  reboot by  before    created   after\n");
        foreach (var r in reboots)
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"  {r.Kind,-4}  {r.By,-9}  {r.Before,-8}  {r.AtCreation,-8}  {r.After}");
        return text.ToString();
    }
}

/// <summary>A guest's size at a moment; null if it did not exist.</summary>
internal readonly record struct SizeMiB(long? Target, long? Held)
{
    public static async Task<SizeMiB> OfAsync(Guest guest) =>
        new(await guest.TargetIfAnyKiBAsync() / 1024, await guest.HeldMiBAsync());

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Target}/{Held}");
}
