using System.Reflection;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Tests;

/// <summary>Comparisons that name each property, so that a new one could be left out.</summary>
public sealed class ComparisonTests
{
    private static readonly DomainSnapshot Domain = new HostBuilder().With(1, 512, 1024)[1];

    private static IEnumerable<string> SnapshotProperties => Settable(typeof(DomainSnapshot));

    /// <summary>All but the numbers that follow from reports, and the domain, which has a test of its own.</summary>
    private static IEnumerable<string> DecisionProperties => Settable(typeof(DomainDecision)).Except(
        [
            nameof(DomainDecision.Domain), nameof(DomainDecision.Demand), nameof(DomainDecision.Entitlement),
            nameof(DomainDecision.GuaranteedShare),
        ]);

    [TestCaseSource(nameof(SnapshotProperties))]
    public void Every_property_of_a_domain_but_its_report_is_a_difference(string property)
    {
        DomainSnapshot other = Domain with { };
        Change(other, property);
        Assert.That(other.DiffersOnlyInReport(Domain), Is.EqualTo(property == nameof(DomainSnapshot.Report)));
        Assert.That(other, Is.Not.EqualTo(Domain));
    }

    [TestCaseSource(nameof(DecisionProperties))]
    public void Every_property_of_a_decision_but_numbers_is_a_difference(string property)
    {
        DomainDecision decision = new() { Domain = Domain }, other = decision with { };
        Change(other, property);
        Assert.That(other.DiffersOnlyInNumbers(decision), Is.False);
    }

    private static IEnumerable<string> Settable(Type type) => type
        .GetProperties(BindingFlags.Instance | BindingFlags.Public)
        .Where(property => property.CanWrite)
        .Select(property => property.Name);

    private static void Change(object target, string name)
    {
        PropertyInfo property = target.GetType().GetProperty(name)!;
        property.SetValue(target, Another(property.PropertyType, property.GetValue(target)));
    }

    private static object Another(Type type, object? value)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner) return Another(inner, value);
        if (type == typeof(string)) return "other";
        if (type == typeof(GuestReport)) return new GuestReport(ReportSource.Qubes, KiB.Zero, null, TimeSpan.Zero);
        if (type == typeof(bool)) return value is not true;
        if (type == typeof(int)) return 7;
        if (type == typeof(KiB)) return new KiB(12345);
        if (type == typeof(TimeSpan)) return TimeSpan.FromSeconds(7);
        if (type == typeof(DomainIdentity)) return new DomainIdentity(77, Guid.Empty);
        return type.IsEnum
            ? Enum.GetValues(type).Cast<object>().First(other => !other.Equals(value))
            : Activator.CreateInstance(type) ?? throw new NotSupportedException($"add a value of type {type}");
    }
}
