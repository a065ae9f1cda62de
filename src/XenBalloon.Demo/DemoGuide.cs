using System.Globalization;
using System.Text;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Demo;

/// <summary>Describes a scenario: how much memory each guest's programs use, and when they use most.</summary>
internal sealed class DemoGuide(Scenario scenario)
{
    private const int Seconds = 60;
    private const int PeaksShown = 3;
    private const long KiBPerMiB = 1024;

    /// <summary>The text, ending in a line feed.</summary>
    internal string Text()
    {
        string[] labels = [.. scenario.Guests.Select(guest => guest.Name)];
        int width = labels.Max(label => label.Length);
        var text = new StringBuilder();
        long capacity = MiB(scenario.HostTotal - scenario.Dom0Memory);
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"{labels.Length} guests share {capacity} MiB of memory. Their programs use:");
        text.AppendLine();
        foreach (GuestDescription guest in scenario.Guests)
        {
            long[] used = [.. Uses(guest)];
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"  {guest.Name.PadRight(width)}  {used.Min(),4} to {used.Max(),4} MiB, peak at {Peaks(used)}");
        }

        long most = Enumerable.Range(0, Seconds).Max(second => scenario.Guests.Sum(guest => Used(guest, second)));
        text.AppendLine();
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"""
            Together they use at most {most} MiB at a time, but their peaks come at different times. The daemon
            moves idle memory to the guest that needs it next. A guest that receives it too late swaps and slows
            down.
            """);
        return text.ToString();
    }

    private static IEnumerable<long> Uses(GuestDescription guest) =>
        Enumerable.Range(0, Seconds).Select(second => Used(guest, second));

    /// <summary>In MiB.</summary>
    private static long Used(GuestDescription guest, int second)
    {
        TimeSpan time = TimeSpan.FromSeconds(second);
        return MiB(guest.Anonymous.At(time, seed: 1) + guest.Files.At(time, seed: 1));
    }

    /// <summary>The seconds at which the use first reaches its maximum, as in <c>12 s, 37 s</c>.</summary>
    private static string Peaks(long[] used)
    {
        long most = used.Max();
        int[] peaks =
        [
            .. Enumerable.Range(0, used.Length)
                .Where(second => used[second] == most && (second == 0 || used[second - 1] < most)),
        ];
        string shown = string.Join(", ", peaks.Take(PeaksShown).Select(second => $"{second} s"));
        return peaks.Length > PeaksShown ? shown + ", ..." : shown;
    }

    private static long MiB(KiB amount) => amount.Value / KiBPerMiB;
}
