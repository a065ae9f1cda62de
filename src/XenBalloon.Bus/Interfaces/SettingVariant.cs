using Tmds.DBus.Protocol;
using XenBalloon.Core.Settings;

namespace XenBalloon.Bus.Interfaces;

/// <summary>
/// A domain's setting as the method Set takes it: <c>t</c> for a size, <c>u</c> for a count, <c>b</c> for a switch, or
/// the word for none.
/// </summary>
internal static class SettingVariant
{
    internal static VariantValue Write(DomainSetting setting, long? value) => (setting.Kind, value) switch
    {
        (_, null) => DomainSetting.Default,
        (SettingKind.Size, { } kib) => VariantValue.UInt64((ulong)kib),
        (SettingKind.Count, { } count) => VariantValue.UInt32((uint)count),
        (_, { } number) => VariantValue.Bool(number != 0),
    };

    /// <exception cref="ControlException">
    /// The value has another type. Its bounds are checked with the setting's other rules.
    /// </exception>
    internal static long? Read(DomainSetting setting, VariantValue value) => (setting.Kind, value.Type) switch
    {
        (_, VariantValueType.String) when value.GetString() == DomainSetting.Default => null,
        (SettingKind.Size, VariantValueType.UInt64) => (long)Math.Min(value.GetUInt64(), long.MaxValue),
        (SettingKind.Count, VariantValueType.UInt32) => value.GetUInt32(),
        (SettingKind.Switch, VariantValueType.Bool) => value.GetBool() ? 1 : 0,
        _ => throw new ControlException(
            ControlError.InvalidArgument,
            $"invalid type '{BusValue.TypeOf(value)}' for {setting.Name}: expected '{TypeOf(setting)}', "
            + $"or \"{DomainSetting.Default}\" (s) to leave it to the configuration"),
    };

    private static string TypeOf(DomainSetting setting) => setting.Kind switch
    {
        SettingKind.Size => "t",
        SettingKind.Count => "u",
        _ => "b",
    };
}
