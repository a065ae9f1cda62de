using System.Globalization;
using System.Text;
using System.Text.Json;
using XenBalloon.EndToEnd.Rig;

namespace XenBalloon.EndToEnd;

/// <summary>What <c>xenballoon need</c> says, beside what domains really take.</summary>
public sealed class NeedTests : XenTest
{
    private const int MostTooMuchKiB = 4096;

    private static readonly (string Type, int MemoryMiB, int MaxMiB, string More)[] Table =
    [
        ("pv", 128, 128, ""), ("pv", 256, 1024, "vcpus = 4"), ("pvh", 128, 128, ""), ("pvh", 128, 1024, "vcpus = 8"), ("pvh", 128, 256, "shadow_memory = 24"), ("pvh", 192, 192, "maxvcpus = 16"),
    ];

    [Test]
    public async Task A_domain_takes_what_was_worked_out_for_it_or_a_little_less()
    {
        await StartDaemonAsync(mode: "observe");
        var told = new StringBuilder("  type  memory/maxmem MiB  more                 computed KiB  taken KiB\n");
        using (Assert.EnterMultipleScope())
        {
            foreach (var (type, memory, max, more) in Table)
            {
                var before = await FreeKiBAsync();
                var name = Host.NextGuestName("sized");
                await Host.RunAsync($"guest-create --paused {name} {type} {memory} {max} '{more}'");
                var taken = before - await FreeKiBAsync();
                var need = JsonDocument.Parse(await Host.RunAsync($"xenballoon need --json -- xl create /etc/xen/{name}.cfg -q")).RootElement.GetProperty("need_kib").GetInt64();
                told.Append(CultureInfo.InvariantCulture, $"  {type,-4}  {memory,6} / {max,-6}        {more,-20} {need,12}  {taken,9}\n");
                Assert.That(need, Is.InRange(taken, taken + MostTooMuchKiB), $"{type} {memory}/{max} {more}");
                await Host.RunAsync($"xl destroy {name}");
                await Poll.UntilAsync($"{name}'s memory is free again", async () => await FreeKiBAsync() > before - 1024);
            }
        }

        TestContext.Out.WriteLine(told);
    }

    /// <summary>What is free now, to the KiB.</summary>
    private static async Task<long> FreeKiBAsync() =>
        JsonDocument.Parse(await Host.RunAsync("xenballoon balance --json")).RootElement.GetProperty("host_free_kib").GetInt64();
}
