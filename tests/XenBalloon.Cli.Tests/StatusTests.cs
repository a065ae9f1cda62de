using System.Text.Json;
using XenBalloon.Testing;

namespace XenBalloon.Cli.Tests;

internal sealed class StatusTests : CommandTests
{
    [Test]
    public void Status_shows_the_host_and_the_balancer() =>
        Assert.That(XenBalloon("status"), Is.EqualTo(new Command(0, """
            xenballoond  0.1.0 on Xen 4.17
            mode         active
            policy       fair-share
            memory       4096 MiB, of which 700 MiB free
            kept free    64 MiB always, 200 MiB for the next domain
            reserved     0 KiB in 0 reservations
            pressure     demand
            alarm        none
            domains      3, of which 2 managed

            """, "")));

    [Test]
    public void Json_has_the_values_of_the_host() =>
        Assert.That(JsonElement.DeepEquals(
            JsonElement.Parse(XenBalloon("status", "--json").Output),
            JsonElement.Parse("""{"version":"0.1.0","host":"Xen 4.17","mode":"active","policy":"fair-share","host_total_kib":4194304,"host_free_kib":716800,"slack_kib":65536,"keep_free_kib":204800,"pressure":"demand","alarm":"none","domain_count":3,"managed_count":2,"reserved_kib":0,"reservation_count":0}""")));
}
