using System.Diagnostics;
using System.Globalization;
using XenBalloon.EndToEnd.Rig;
using XenBalloon.RigBenchmarks;

if (args is ["table", var earlier])
{
    Console.WriteLine(
        Table.Of(Results.Read(earlier), Options.Parse([]).Baseline is { } other ? Results.Read(other) : null));
    return 0;
}

if (args is ["reboot", var kind, var times])
    return await Reboots.RunAsync(
        Enum.Parse<GuestKind>(kind, ignoreCase: true),
        int.Parse(times, CultureInfo.InvariantCulture)) == 0 ? 0 : 1;

var options = Options.Parse(args);
var started = DateTime.Now.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
var results = Results.In(Path.Combine("artifacts", "bench-rig", started));
var watch = Stopwatch.StartNew();
var failures = await Task.WhenAll(
    options.Hosts.Select(host => Campaign.RunAsync(host.Kind, host.Scenarios, options, results, watch)));
var table = Table.Of(results.All, options.Baseline is { } path ? Results.Read(path) : null);
results.WriteText("table.txt", table);
Console.WriteLine(table);
Console.WriteLine($"{(int)watch.Elapsed.TotalSeconds} s; {results.Folder}");
return failures.Sum() == 0 ? 0 : 1;
