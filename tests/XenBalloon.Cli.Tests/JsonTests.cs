using System.Text.Json;
using XenBalloon.Testing;

namespace XenBalloon.Cli.Tests;

/// <summary>The complete interface of <c>--json</c>: a name that changes or goes breaks scripts.</summary>
internal sealed class JsonTests : CommandTests
{
    private const string Domain = """
        actual_kib Number
        alarms Array
        boot_memory_kib Number
        domid Number
        dynamic_max_kib Number
        dynamic_min_kib Number
        entitlement_kib Number
        floor_kib Number
        guaranteed_share_kib Number
        health String
        in_use_kib Number
        managed True
        maxmem_kib Number
        name String
        need_kib Number
        pinned_kib Null
        reason String
        reason_kind String
        recent_peak_kib Number
        report_age_seconds Number
        report_source String
        report_verdict String
        settings_from String
        state String
        static_max_kib Number
        target_kib Number
        uuid String
        want_kib Number
        weight Number
        """;

    private const string UnknownDomain = """
        actual_kib Number
        alarms Array
        boot_memory_kib Null
        domid Number
        dynamic_max_kib Null
        dynamic_min_kib Null
        entitlement_kib Null
        floor_kib Null
        guaranteed_share_kib Null
        health String
        in_use_kib Null
        managed False
        maxmem_kib Number
        name String
        need_kib Null
        pinned_kib Null
        reason String
        reason_kind String
        recent_peak_kib Null
        report_age_seconds Null
        report_source String
        report_verdict String
        settings_from String
        state String
        static_max_kib Null
        target_kib Null
        uuid String
        want_kib Null
        weight Number
        """;

    [Test]
    public void List_has_the_documented_members()
    {
        JsonElement list = Json("list");

        Assert.That(Shape(list), Is.EqualTo("domains Array"));
        IEnumerable<string> domains = list.GetProperty("domains").EnumerateArray().Select(Shape);
        Assert.That(domains, Is.EqualTo(new[] { UnknownDomain, Domain, Domain }));
    }

    [Test]
    public void Explain_has_the_documented_members() => Assert.That(Shape(Json("explain", "web")), Is.EqualTo(Domain));

    [Test]
    public void Status_has_the_documented_members() => Assert.That(Shape(Json("status")), Is.EqualTo("""
        alarm String
        domain_count Number
        host String
        host_free_kib Number
        host_total_kib Number
        keep_free_kib Number
        managed_count Number
        mode String
        mode_reason String
        policy String
        pressure String
        reservation_count Number
        reserved_kib Number
        slack_kib Number
        version String
        """));

    [Test]
    public void Reservations_have_the_documented_members()
    {
        JsonElement reservation = Reserved();

        Assert.That(Shape(reservation), Is.EqualTo("""
            blocked_by Array
            deadline_seconds Number
            domid Null
            eta_seconds Number
            expires_at_seconds Null
            for String
            held_kib Number
            id Number
            max_kib Number
            min_kib Number
            owner String
            persistent False
            ready_at_seconds Null
            reason String
            state String
            """));
    }

    [Test]
    public void Restore_has_the_documented_members()
    {
        Control.Missing = ["db: 300 MiB of 512 MiB: left alone: it is not running"];
        JsonElement restored = Json("restore");

        Assert.That(Shape(restored), Is.EqualTo("domains Array\nmissing Array"));
        Assert.That(restored.GetProperty("missing")[0].GetString(), Is.EqualTo(Control.Missing[0]));
    }

    [Test]
    public void Sizes_are_in_KiB_and_times_in_whole_seconds_since_1970()
    {
        JsonElement reservation = Reserved();

        long Number(string name) => reservation.GetProperty(name).GetInt64();
        Assert.That((Number("min_kib"), Number("max_kib"), Number("held_kib")), Is.EqualTo((524288, 1048576, 102400)));
        Assert.That((Number("deadline_seconds"), Number("eta_seconds")), Is.EqualTo((1_800_000_060, 1_800_000_020)));
        Assert.That(reservation.GetProperty("blocked_by")[0].GetString(), Does.StartWith("db "));
    }

    [Test]
    public void Need_has_the_documented_members()
    {
        const string Web = "<domain type='xen'><name>web</name><memory unit='MiB'>512</memory></domain>";
        using var xml = new TemporaryFile(".xml", Web);
        Command need = Command.Run("sh", ["-c", $"'{Program}' need --libvirt --json < {xml.Path}"]);

        Assert.That(need.Error, Is.Empty);
        Assert.That(Shape(JsonDocument.Parse(need.Output).RootElement), Is.EqualTo("""
            device_model_kib Number
            iommu_kib Number
            memory_kib Number
            name String
            need_kib Number
            paging_kib Number
            structures_kib Number
            """));
    }

    private JsonElement Json(params string[] arguments) =>
        JsonElement.Parse(XenBalloon([.. arguments, "--json"]).Output);

    private JsonElement Reserved()
    {
        Server.Publish(Canned.Host with { Reservations = [Canned.Reservation(1)] });
        Eventually.Holds(
            () => XenBalloon("reservations").Output.Contains("gathering", StringComparison.Ordinal),
            () => "no reservation");
        JsonElement all = Json("reservations");
        Assert.That(Shape(all), Is.EqualTo("reservations Array"));
        return all.GetProperty("reservations")[0];
    }

    /// <summary>The members of an object, in the order of their names: each with the kind of its value.</summary>
    private static string Shape(JsonElement element) => string.Join('\n', element.EnumerateObject()
        .OrderBy(member => member.Name, StringComparer.Ordinal)
        .Select(member => $"{member.Name} {member.Value.ValueKind}"));
}
