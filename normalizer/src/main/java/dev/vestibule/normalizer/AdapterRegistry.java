package dev.vestibule.normalizer;

import dev.vestibule.contract.IdentityKey;
import dev.vestibule.contract.Vendor;
import dev.vestibule.normalizer.adapter.Adapter;
import dev.vestibule.normalizer.adapter.curacel.CuracelAdapter;
import dev.vestibule.normalizer.adapter.envoy.EnvoyAdapter;
import dev.vestibule.normalizer.adapter.essentry.EssentryAdapter;
import dev.vestibule.normalizer.adapter.kyberaccess.KyberAccessAdapter;
import dev.vestibule.normalizer.adapter.signinapp.SignInAppAdapter;
import dev.vestibule.normalizer.adapter.standardwebhooks.StandardWebhooksAdapter;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The table of adapters: one line per vendor. */
final class AdapterRegistry {
  private final Map<Vendor, Adapter> adapters = new EnumMap<>(Vendor.class);

  AdapterRegistry(IdentityKey identity, @Nullable IdentityKey credentialKey) {
    adapters.put(Vendor.ENVOY, new EnvoyAdapter());
    adapters.put(Vendor.SIGN_IN_APP, new SignInAppAdapter());
    adapters.put(Vendor.ESSENTRY, new EssentryAdapter(identity, credentialKey));
    adapters.put(Vendor.KYBERACCESS, new KyberAccessAdapter());
    adapters.put(Vendor.CURACEL, new CuracelAdapter(identity));
    adapters.put(Vendor.STANDARD_WEBHOOKS, new StandardWebhooksAdapter());
  }

  Adapter of(Vendor vendor) {
    Adapter adapter = adapters.get(vendor);
    if (adapter == null) {
      throw new IllegalStateException("no adapter for " + vendor);
    }
    return adapter;
  }
}
